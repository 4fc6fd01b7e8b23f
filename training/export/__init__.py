"""Export of a run's generator, and its encoder, to ONNX model files, each compared with its Keras model."""

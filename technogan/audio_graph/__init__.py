"""The sound engine as ONNX operators: export a model as one file from seed to samples."""

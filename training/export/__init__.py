"""Export: a trained generator, or the encoder beside it, as an ONNX file that plays anywhere.

The graph is written from the definition and the weights, without Keras: batch norms folded away, the parts of the base
added up, laid out as ONNX Runtime likes it best. That it does what the Keras model does is checked with every export.
"""

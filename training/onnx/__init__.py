"""Write generators and encoders as ONNX graphs from their definition and weights, without Keras.

Batch normalisation is folded into the convolutions, the parts of the base are summed, and tensors are laid out as ONNX
Runtime runs them fastest.
"""

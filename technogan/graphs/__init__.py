"""ONNX graphs and files: read their metadata, build new graphs, and rewrite existing ones to run faster."""

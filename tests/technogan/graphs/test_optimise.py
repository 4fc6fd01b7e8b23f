import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import helper

from technogan.graphs import rewriter
from technogan.graphs.optimise import TOLERANCE, optimise
from technogan.graphs.sub_pixel import Axis, convolution_kernel
from technogan.network.prototype_network import build_prototype_network
from tests.networks import model_of

N_IN, HEIGHT, WIDTH = 3, 6, 4


def array(*shape, scale=1.0, random_seed=0):
    return np.random.default_rng(random_seed).standard_normal(shape).astype(np.float32) * np.float32(scale)


def run(network, *inputs):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    return session.run(None, {tensor.name: x for tensor, x in zip(session.get_inputs(), inputs, strict=True)})[0]


def operators(network):
    return [node.op_type for node in onnx.load_model_from_string(network).graph.node]


def around(*after, kernel=5, n_out=2, constants=None, size=(HEIGHT, WIDTH), output="y", **attributes):
    """A network: a transposed convolution `t` of `x`, followed by these nodes; their last result is the output."""
    nodes = [helper.make_node("ConvTranspose", ["x", "w"], ["t"], **attributes), *after]
    constants = {"w": array(N_IN, n_out, kernel, kernel, scale=0.2)} | (constants or {})
    if not after:
        nodes.append(helper.make_node("Identity", ["t"], ["y"]))
    return model_of(nodes, constants, [("x", ["n", N_IN, *size])], [(output, ["n", "c", "h", "w"])])


def assert_rewritten(network, size=(HEIGHT, WIDTH)):
    """Check that a network has no transposed convolutions afterwards and computes the same; return its operators."""
    data, report = optimise(network)
    assert report.rewritten == report.transposed > 0, str(report)
    found = operators(data)
    assert "ConvTranspose" not in found
    x = array(3, N_IN, *size, random_seed=1)
    before, after = run(network, x), run(data, x)
    assert before.shape == after.shape
    np.testing.assert_allclose(after, before, atol=2e-5)
    return found


def assert_unchanged(network):
    data, report = optimise(network)
    assert data is network
    assert report.rewritten == 0
    assert str(report).startswith("the graph was not changed: ")
    return report


SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7))


@settings(max_examples=60, deadline=None)
@given(
    kernel=SIZES,
    stride=st.integers(1, 4),
    begin=SIZES,
    end=SIZES,
    extra=SIZES,
    n_out=st.sampled_from([1, 2, 5, 16, 17]),
)
def test_a_rewritten_network_computes_the_same(kernel, stride, begin, end, extra, n_out):
    pads = [min(pad - 1, size - 1) for pad, size in zip(begin + end, kernel + kernel, strict=True)]
    extra = [min(pad - 1, stride - 1) for pad in extra]
    attributes = {"strides": [stride] * 2, "pads": pads, "output_padding": extra}
    constants = {"w": array(N_IN, n_out, *kernel, scale=0.2), "b": array(n_out)}
    nodes = [helper.make_node("ConvTranspose", ["x", "w", "b"], ["y"], **attributes)]
    network = model_of(nodes, constants, [("x", ["n", N_IN, HEIGHT, WIDTH])], [("y", ["n", n_out, "h", "w"])])
    sizes = [stride * (n - 1) + extra[i] + kernel[i] - pads[i] - pads[i + 2] for i, n in enumerate((HEIGHT, WIDTH))]
    assume(min(sizes) > 0)
    data, report = optimise(network)
    x = array(2, N_IN, HEIGHT, WIDTH, random_seed=1)
    np.testing.assert_allclose(run(data, x), run(network, x), atol=2e-5)
    if all(size >= stride for size in kernel):
        assert report.rewritten == 1, str(report)


@given(
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    begin=st.integers(0, 6),
    end=st.integers(0, 6),
    extra=st.integers(0, 3),
    inner=st.integers(1, 2),
    multiple=st.integers(1, 3),
)
@settings(deadline=None)
def test_the_arithmetic_of_one_axis(kernel, stride, begin, end, extra, inner, multiple):
    """Compare one axis with the sum that defines a transposed convolution."""
    n = 12 * inner
    axis = Axis.of(kernel, stride, begin, end, min(extra, stride - 1)).blocked(stride * inner * multiple, inner)
    assume(axis.is_possible and n % (inner * axis.step) == 0)
    x, w = array(n), array(kernel, random_seed=1)
    full = np.zeros(stride * n + kernel + begin + stride, np.float32)
    for i in range(n):
        full[i * stride : i * stride + kernel] += x[i] * w
    wanted = full[begin : begin + stride * n + axis.surplus]

    identity = Axis.of(1, 1, 0, 0)
    ordinary = convolution_kernel(w.reshape(1, 1, kernel, 1), axis, identity)[..., 0]  # (block, inner, taps)
    padded = np.pad(x.reshape(-1, inner), (axis.pads, (0, 0)))
    taps = ordinary.shape[2]
    blocks = [
        np.einsum("prt,tr->p", ordinary, padded[q : q + taps]) for q in range(0, len(padded) - taps + 1, axis.step)
    ]
    found = np.concatenate(blocks)
    np.testing.assert_allclose(found[: len(found) - axis.crop], wanted, atol=1e-4)


def test_a_strided_kernel_is_split_without_zeros():
    parts = Axis.of(5, 2, 1, 2).split()
    kernels = [convolution_kernel(np.ones((4, 16, 5, 5), np.float32), r, c) for r in parts for c in parts]
    assert sorted(kernel.shape[2:] for kernel in kernels) == [(2, 2), (2, 3), (3, 2), (3, 3)]
    assert all(kernel.all() for kernel in kernels)


def test_stride_1_needs_one_convolution():
    assert assert_rewritten(around(n_out=16, pads=[2, 2, 2, 2])) == ["Conv"]


def test_stride_2_as_keras_pads_it():
    network = around(n_out=16, strides=[2, 2], pads=[1, 1, 2, 2])
    assert assert_rewritten(network) == ["Conv"] * 4 + ["Concat", "DepthToSpace"]


def test_few_channels_are_not_split():
    network = around(n_out=7, strides=[2, 2], pads=[2, 2, 2, 2], output_padding=[1, 1])
    assert assert_rewritten(network) == ["Conv", "DepthToSpace"]


def test_outputs_in_partial_blocks_are_cropped():
    assert assert_rewritten(around(n_out=7, strides=[2, 2]))[-1] == "Slice"


@pytest.mark.parametrize("kernel", [3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("automatic", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_automatic_pads_are_rewritten(kernel, stride, automatic):
    assert_rewritten(around(kernel=kernel, strides=[stride] * 2, auto_pad=automatic))


@pytest.mark.parametrize("automatic", ["SAME_UPPER", "SAME_LOWER", "NOTSET"])
@pytest.mark.parametrize("goal", [[12, 8], [13, 9], [15, 11]])
def test_an_output_size_instead_of_pads_is_rewritten(goal, automatic):
    assert_rewritten(around(strides=[2, 2], output_shape=goal, auto_pad=automatic))


@pytest.mark.parametrize("activation", [("LeakyRelu", {"alpha": 0.3}), ("Relu", {}), ("Tanh", {}), ("Sigmoid", {})])
def test_an_activation_moves_before_the_interleaving(activation):
    node = helper.make_node(activation[0], ["t"], ["y"], **activation[1])
    found = assert_rewritten(around(node, n_out=7, strides=[2, 2], pads=[1, 1, 2, 2]))
    assert found == ["Conv", activation[0], "DepthToSpace"]


def test_batch_norm_is_folded_into_the_weights():
    constants = {"g": array(7), "b": array(7), "m": array(7), "v": np.exp(array(7))}
    node = helper.make_node("BatchNormalization", ["t", "g", "b", "m", "v"], ["y"], epsilon=1e-3)
    network = around(node, n_out=7, constants=constants, strides=[2, 2], pads=[1, 1, 2, 2])
    assert assert_rewritten(network) == ["Conv", "DepthToSpace"]


@pytest.mark.parametrize(
    ("operator", "order", "shape", "folds"),
    [
        ("Add", "tc", (7, 1, 1), True),
        ("Add", "ct", (1, 7, 1, 1), True),
        ("Sub", "tc", (7, 1, 1), True),
        ("Sub", "ct", (7, 1, 1), False),
        ("Mul", "tc", (7, 1, 1), True),
        ("Mul", "ct", (), True),
        ("Add", "tc", (1,), True),
        ("Mul", "tc", (8,), False),  # along the width
        ("Add", "tc", (1, 1, 12, 8), False),
        ("Add", "tc", (1, 1, 1, 1, 1), False),
    ],
)
def test_scales_and_shifts_by_channel_are_folded_into_the_weights(operator, order, shape, folds):
    inputs = ["t", "c"] if order == "tc" else ["c", "t"]
    nodes = [helper.make_node(operator, inputs, ["s"]), helper.make_node("Sigmoid", ["s"], ["y"])]
    constants = {"c": np.asarray(array(*shape) if shape else np.float32(0.7))}
    network = around(*nodes, n_out=7, constants=constants, strides=[2, 2], pads=[1, 1, 2, 2])
    if len(shape) == 5:
        model = onnx.load_model_from_string(network)
        model.graph.output[0].type.tensor_type.shape.dim.add().dim_param = "e"
        network = model.SerializeToString()
    found = assert_rewritten(network)
    assert found == (["Conv", "Sigmoid", "DepthToSpace"] if folds else ["Conv", "DepthToSpace", operator, "Sigmoid"])


def test_a_shift_along_a_width_equal_to_the_channels_is_not_folded():
    node = helper.make_node("Add", ["t", "c"], ["y"])
    network = around(node, n_out=8, constants={"c": array(8)}, strides=[2, 2], pads=[1, 1, 2, 2])
    assert assert_rewritten(network) == ["Conv", "DepthToSpace", "Add"]


def test_a_result_that_two_nodes_read_is_not_folded_away():
    nodes = [
        helper.make_node("Tanh", ["t"], ["a"]),
        helper.make_node("Sigmoid", ["t"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["y"]),
    ]
    found = assert_rewritten(around(*nodes, n_out=7, strides=[2, 2], pads=[1, 1, 2, 2]))
    assert found[:2] == ["Conv", "DepthToSpace"]


def test_a_result_that_leaves_the_graph_is_not_folded_away():
    network = around(helper.make_node("Tanh", ["t"], ["y"]), n_out=7, output="t", strides=[2, 2], pads=[1, 1, 2, 2])
    assert assert_rewritten(network) == ["Conv", "DepthToSpace"]


def test_the_last_convolution_computes_blocks_before_the_interleaving():
    nodes = [
        helper.make_node("Relu", ["t"], ["a"]),
        helper.make_node("ConvTranspose", ["a", "w2"], ["y"], pads=[2, 2, 2, 2]),
    ]
    constants = {"w2": array(7, 1, 5, 5, scale=0.2)}
    network = around(*nodes, n_out=7, constants=constants, strides=[2, 2], pads=[1, 1, 2, 2])
    assert assert_rewritten(network) == ["Conv", "Relu", "Conv", "DepthToSpace"]
    (last,) = [node for node in onnx.load_model_from_string(optimise(network)[0]).graph.node if "y" in node.output]
    assert last.attribute[0].i == 4


@pytest.mark.parametrize("size", [(5, 4), (6, 3), (5, 3)])
def test_sizes_that_do_not_divide_into_large_blocks_are_rewritten(size):
    nodes = [
        helper.make_node("Relu", ["t"], ["a"]),
        helper.make_node("ConvTranspose", ["a", "w2"], ["y"], pads=[2, 2, 2, 2]),
    ]
    constants = {"w2": array(7, 1, 5, 5, scale=0.2)}
    network = around(*nodes, n_out=7, constants=constants, size=size, strides=[2, 2], pads=[1, 1, 2, 2])
    assert_rewritten(network, size)


def test_channels_last_around_every_convolution_are_rewritten():
    """As tf2onnx leaves a Keras layer with its bias."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        helper.make_node("ConvTranspose", ["a", "w"], ["b"], strides=[2, 2], pads=[1, 1, 2, 2]),
        helper.make_node("Transpose", ["b"], ["c"], perm=[0, 2, 3, 1]),
        helper.make_node("Add", ["c", "bias"], ["d"]),
        helper.make_node("LeakyRelu", ["d"], ["e"], alpha=0.3),
        helper.make_node("Transpose", ["e"], ["f"], perm=[0, 3, 1, 2]),
        helper.make_node("ConvTranspose", ["f", "w2"], ["g"], pads=[2, 2, 2, 2]),
        helper.make_node("Transpose", ["g"], ["h"], perm=[0, 2, 3, 1]),
        helper.make_node("Tanh", ["h"], ["y"]),
    ]
    constants = {"w": array(N_IN, 7, 5, 5, scale=0.2), "bias": array(7), "w2": array(7, 1, 5, 5, scale=0.2)}
    network = model_of(nodes, constants, [("x", [1, HEIGHT, WIDTH, N_IN])], [("y", [1, 2 * HEIGHT, 2 * WIDTH, 1])])
    data, report = optimise(network)
    assert report.rewritten == 2, str(report)
    assert operators(data).count("Transpose") <= 2
    x = array(1, HEIGHT, WIDTH, N_IN, random_seed=1)
    np.testing.assert_allclose(run(data, x), run(network, x), atol=2e-5)


def test_weights_that_a_node_computes_are_rewritten():
    nodes = [
        helper.make_node("Transpose", ["w"], ["v"], perm=[3, 2, 0, 1]),
        helper.make_node("ConvTranspose", ["x", "v"], ["y"], strides=[2, 2], pads=[1, 1, 2, 2]),
    ]
    constants = {"w": array(5, 5, 7, N_IN, scale=0.2)}
    network = model_of(nodes, constants, [("x", ["n", N_IN, HEIGHT, WIDTH])], [("y", ["n", 7, "h", "w"])])
    assert assert_rewritten(network) == ["Conv", "DepthToSpace"]


@pytest.mark.parametrize(
    "attributes",
    [{"dilations": [2, 2]}, {"strides": [1, 2]}, {"strides": [3, 2]}],
    ids=["dilation", "wide stride", "uneven stride"],
)
def test_unsupported_attributes_are_left_alone(attributes):
    assert "can be rewritten" in str(assert_unchanged(around(**attributes)))


def test_groups_are_left_alone():
    nodes = [helper.make_node("ConvTranspose", ["x", "w"], ["y"], group=N_IN)]
    constants = {"w": array(N_IN, 1, 5, 5)}
    assert_unchanged(model_of(nodes, constants, [("x", [1, N_IN, 6, 4])], [("y", [1, N_IN, 10, 8])]))


def test_old_opsets_are_left_alone():
    model = onnx.load_model_from_string(around(strides=[2, 2]))
    model.opset_import[0].version = 9
    assert_unchanged(model.SerializeToString())


def test_a_graph_without_transposed_convolutions_is_left_alone():
    network = model_of([helper.make_node("Tanh", ["x"], ["y"])], {}, [("x", [1, 4])], [("y", [1, 4])])
    assert "no transposed convolutions" in str(assert_unchanged(network))


@pytest.mark.parametrize("network", [b"", b"some text", around()[:-100]])
def test_a_network_that_does_not_open_is_left_alone(network):
    assert_unchanged(network)


def test_two_inputs_cannot_be_checked_and_are_left_alone():
    nodes = [helper.make_node("Add", ["x", "z"], ["a"]), helper.make_node("ConvTranspose", ["a", "w"], ["y"])]
    shape = [1, N_IN, 6, 4]
    assert_unchanged(model_of(nodes, {"w": array(N_IN, 2, 5, 5)}, [("x", shape), ("z", shape)], [("y", [1, 2, 10, 8])]))


@pytest.mark.parametrize("error", [2 * TOLERANCE, np.nan])
def test_a_rewrite_that_computes_something_else_is_discarded(monkeypatch, error):
    monkeypatch.setattr(rewriter, "convolution_kernel", lambda *parts: convolution_kernel(*parts) + np.float32(error))
    assert "would differ by" in str(assert_unchanged(around(pads=[2, 2, 2, 2])))


def test_the_report_counts_the_rewritten_convolutions():
    assert str(optimise(around())[1]).startswith("1 of 1 transposed convolutions rewritten; outputs differ by at most ")


@pytest.mark.parametrize("n_frames", [32, 64])
@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize("batch", [1, "n"])
def test_the_prototypes_network_is_rewritten(n_frames, layout, batch):
    network = build_prototype_network(n_frames, n_bins=32, channels=(8, 32, 16, 16), layout=layout, batch=batch)
    data, report = optimise(network)
    assert (report.transposed, report.rewritten) == (4, 4)
    found = operators(data)
    assert "BatchNormalization" not in found
    assert (found.count("Conv"), found.count("DepthToSpace")) == (10, 2)
    x = array(1, 64)
    before = run(network, x)
    assert before.shape == ((1, 32, n_frames, 1) if layout == "nhwc" else (1, 1, 32, n_frames))
    np.testing.assert_allclose(run(data, x), before, atol=1e-5)


def test_images_of_the_prototypes_network_fill_their_range():
    image = run(build_prototype_network(64, n_bins=64), array(1, 64))
    assert 0.2 < image.std() < 0.7
    assert np.mean(np.abs(image) > 0.99) < 0.01

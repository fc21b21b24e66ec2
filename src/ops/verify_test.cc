#include "ops/verify.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "ir/node.h"
#include "ir/text.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

std::string error_of(const Graph& graph, Level level = Level::imported,
                     ErrorKind kind = ErrorKind::invalid_input) {
  try {
    verify(graph, level);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, kind);
    return error.what();
  }
  return "accepted";
}

std::string error_of(const std::string& text, Level level = Level::imported) {
  return error_of(parse("graph g\n" + text, {}), level);
}

TEST(Verify, AcceptsTheZooAndItsText) {
  for (const char* name : {"custom", "lenet5", "resnet8"}) {
    const Graph graph = zoo::build(name);
    const PrintedGraph printed = print(graph);
    const Graph parsed = parse(printed.text, printed.constants);
    EXPECT_EQ(parsed, graph) << name;
    EXPECT_EQ(error_of(parsed), "accepted") << name;
  }
}

TEST(Verify, ABrokenShapeNamesTheNodeAndBothShapes) {
  Graph graph = zoo::build("resnet8");
  const Node& node = graph.nodes.at(4);
  Shape& shape = graph.value(node.outputs[0]).type.shape;
  const std::string right = to_string(shape);
  shape[3]++;
  const std::string error = error_of(graph);
  EXPECT_NE(error.find(describe(node)), std::string::npos) << error;
  EXPECT_NE(error.find(to_string(shape)), std::string::npos) << error;
  EXPECT_NE(error.find(right), std::string::npos) << error;
}

TEST(Verify, Structure) {
  const std::string x = "input x: float32[1, 4]\n";
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(x)\noutput y"), "accepted");
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(x)"), "g: no output");
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(x, x)\noutput y"),
            "node 'y' (Relu): 2 inputs, 1 to 1 expected");
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(_)\noutput y"),
            "node 'y' (Relu): input 0 is missing");
  EXPECT_EQ(error_of(x + "y: float32[1, 4], z: float32[1] = Relu(x)\noutput y"),
            "node 'y' (Relu): 2 outputs, 1 expected");
  EXPECT_EQ(error_of(x + "y: float32[1, 4]\nz: float32[1, 4] = Relu(y)\ny = Relu(x)\noutput y"),
            "node 'z' (Relu): reads 'y' before anything makes it");
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(x)\ny = Relu6(x)\noutput y"),
            "node 'y' (Relu6): makes 'y' again");
  EXPECT_EQ(error_of(x + "y: float32[1, 4] = Relu(x)\nx = Relu(y)\noutput y"),
            "node 'x' (Relu): makes 'x' again");
  EXPECT_EQ(error_of(x + "input x\noutput x"),
            "value 'x': an input is listed twice or is a constant");
  EXPECT_EQ(error_of(x + "z: float32[1]\noutput z"),
            "g: output names value 1, which nothing makes");
}

TEST(Verify, Types) {
  const std::string x = "input x: float32[1, 4]\n";
  EXPECT_EQ(error_of(x + "y: float32[1, 5] = Relu(x)\noutput y"),
            "node 'y' (Relu): output 'y' is float32[1, 5], but from the inputs follows "
            "float32[1, 4]");
  EXPECT_EQ(error_of(x + "y: int8[1, 4] = Relu(x)\noutput y"),
            "node 'y' (Relu): output 'y' is int8[1, 4], but from the inputs follows "
            "float32[1, 4]");
}

TEST(Verify, Quantizations) {
  const auto error = [](const std::string& quantization) {
    return error_of("input x: int8[2, 3] " + quantization + "\noutput x");
  };
  EXPECT_EQ(error("{scale: [1, 2, 3], axis: 1}"), "accepted");
  EXPECT_EQ(error("{scale: [1, 2], axis: 1}"), "value 'x': 2 scales for dimension 1 of [2, 3]");
  EXPECT_EQ(error("{scale: [1, 2], axis: 2}"), "value 'x': quantization axis 2 of shape [2, 3]");
  EXPECT_EQ(error("{scale: 1, axis: -2}"), "value 'x': quantization axis -2");
  EXPECT_EQ(error("{scale: [1, 2]}"), "value 'x': 2 scales without an axis");
  EXPECT_EQ(error("{scale: 1, zero_point: [1, 2]}"), "value 'x': 1 scales, 2 zero points");
  EXPECT_EQ(error("{scale: []}"), "value 'x': 0 scales, 0 zero points");
  EXPECT_EQ(error("{scale: nan}"), "value 'x': scale nan");
  EXPECT_EQ(error("{scale: inf}"), "value 'x': scale inf");
  EXPECT_EQ(error("{scale: -1}"), "value 'x': scale -1");
  EXPECT_EQ(error("{scale: 1, bits: 1}"), "value 'x': 1 bits");
}

TEST(Verify, Masks) {
  const auto error = [](const std::string& constant) {
    return error_of("input x: float32[2]\n  w: " + constant +
                    "\ny: float32[2] = Add(x, w)\noutput y");
  };
  EXPECT_EQ(error("float32[2] = [-0, 2] mask [0, 1]"), "accepted");
  EXPECT_EQ(error("float32[2] = [1, 2] mask [0, 1]"),
            "value 'w': what its mask has pruned is not zero");
  EXPECT_EQ(error("float32[2] = [1, 2] mask [1, 2]"),
            "value 'w': a mask of other numbers than 0 and 1");
  EXPECT_EQ(error("float16[2] = [32768, 15360] mask [0, 1]"), "accepted");  // -0, 1
  EXPECT_EQ(error("float16[2] = [1, 15360] mask [0, 1]"),
            "value 'w': what its mask has pruned is not zero");

  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {2}, {}})};
  graph.outputs = graph.inputs;
  graph.value(0).mask = std::make_shared<const Bytes>(2);
  EXPECT_THROW(verify(graph, Level::imported), Error);
}

TEST(Verify, Preprocessing) {
  const auto error = [](const std::string& fields) {
    return error_of("input x: float32[1, 2, 2, 3] preprocess " + fields + "\noutput x");
  };
  EXPECT_EQ(error("{scale: [1, 2, 3], bias: 0}"), "accepted");
  EXPECT_EQ(error("{scale: [1, 2], bias: 0}"),
            "value 'x': preprocessing of 2 channels for float32[1, 2, 2, 3]");
  EXPECT_EQ(error("{scale: 1, bias: []}"),
            "value 'x': preprocessing of 0 channels for float32[1, 2, 2, 3]");
}

TEST(Verify, SizesThatWouldOverflow) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::int8, {INT32_MAX, INT32_MAX, INT32_MAX}, {}})};
  graph.outputs = graph.inputs;
  EXPECT_EQ(
      error_of(graph, Level::imported, ErrorKind::unsupported),
      "value 'x': a tensor of shape [2147483647, 2147483647, 2147483647], which has more than "
      "1099511627776 elements");
}

TEST(Verify, IdsThatDoNotExist) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {1}, {}})};
  graph.outputs = {1};
  EXPECT_EQ(error_of(graph), "output names value 1, which nothing makes");
  graph.outputs = {0};
  graph.nodes = {{ops::Relu{}, {7}, {0}, "r"}};
  EXPECT_EQ(error_of(graph), "node 'r' (Relu): reads value 7 of 1");
  graph.nodes = {{ops::Relu{}, {0}, {-1}, "r"}};
  EXPECT_EQ(error_of(graph), "node 'r' (Relu): makes value -1 of 1");
}

TEST(Verify, Levels) {
  const std::string x = "input x: float32[1, 1]\n";
  const std::string norm = x + "c: float32[1] = [1]\ny: float32[1, 1] = BatchNorm(x, c, c, c, c)\n";
  EXPECT_EQ(error_of(norm + "output y", Level::imported), "accepted");
  EXPECT_EQ(error_of(norm + "output y", Level::optimized),
            "node 'y' (BatchNorm): a batch norm that no layer has absorbed");
  const std::string unread = x + "y: float32[1, 1] = Relu(x)\nz: float32[1, 1] = Relu(x)\noutput z";
  EXPECT_EQ(error_of(unread, Level::imported), "accepted");
  EXPECT_EQ(error_of(unread, Level::optimized), "node 'y' (Relu): nobody reads its output");
  const std::string integer = "input x: int8[1, 1]\ny: int8[1, 1] = Relu(x)\noutput y";
  EXPECT_EQ(error_of(integer, Level::optimized), "accepted");
  EXPECT_NE(error_of(integer, Level::quantized).find("node 'y' (Relu)"), std::string::npos);
}

// Attributes and shapes of a graph's text, flipped at seeded places: an Error, or a graph that is
// legal and prints.
TEST(Verify, SurvivesDamagedGraphs) {
  const std::string text = R"(graph g
input x: float32[1, 6, 6, 4]
  w: float32[2, 1, 1, 2] = [1, 2, 3, 4]
conv: float32[1, 4, 4, 2] = Conv2D(x, w) {stride: 2x2, padding: [0, 1, 0, 1], groups: 2}
  d: float32[1, 2, 1, 2] = [1, 2, 3, 4]
depth: float32[1, 3, 4, 2] = DepthwiseConv2D(conv, d) {stride: 1x1, dilation: 1x1}
pad: float32[1, 4, 6, 2] = Pad(depth) {before: [0, 1, 1, 0], after: [0, 0, 1, 0], value: 0}
pool: float32[1, 2, 3, 2] = AveragePool2D(pad) {window: 2x2, stride: 2x2}
max: float32[1, 1, 2, 2] = MaxPool2D(pool) {window: 2x2, padding: [0, 0, 0, 0]}
sum: float32[1, 1, 2, 2] = Add(max, max)
flat: float32[1, 4] = Reshape(sum) {shape: [1, -1]}
  f: float32[2, 4] = [1, 2, 3, 4, 5, 6, 7, 8]
dense: float32[1, 2] = FullyConnected(flat, f, _) {keep_dims: false}
q: int8[1, 2] {scale: 0.1, zero_point: 3} = Quantize(dense) {dtype: int8, scale: 0.1, zero_point: 3}
r: float32[1, 2] = Dequantize(q)
soft: float32[1, 2] = Softmax(r) {beta: 1}
output soft
)";
  EXPECT_EQ(error_of(parse(text, {}), Level::quantized), "accepted");
  Random random(1);
  int legal = 0;
  for (int i = 0; i < 3000; i++) {
    std::string damaged = text;
    for (uint64_t flips = 1 + random.below(3); flips > 0; flips--) {
      constexpr std::string_view kCharacters = "0123456789-,x []{}:";
      damaged[random.below(damaged.size())] = kCharacters[random.below(kCharacters.size())];
    }
    try {
      const Graph graph = parse(damaged, {});
      verify(graph, Level::quantized);
      EXPECT_EQ(parse(print(graph).text, {}), graph);
      legal++;
    } catch (const Error& error) {
      EXPECT_NE(error.kind, ErrorKind::internal) << error.what();
      EXPECT_FALSE(error.where.empty()) << error.what();
    }
  }
  EXPECT_GT(legal, 0);
}

}  // namespace
}  // namespace mote

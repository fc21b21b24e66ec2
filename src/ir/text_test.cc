#include "ir/text.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/error.h"
#include "ir/node.h"

namespace mote {
namespace {

// What a user sees: every kind of line.
constexpr std::string_view kGraph = R"(graph small
input image: float32[1, 4, 4, 1] preprocess {scale: 0.003921569, bias: 0}
labels [cat, "a dog"]
  conv/w: float32[2, 3, 3, 1] = crc32 0fc2bb52
  conv/b: float32[2] = [0.1, -inf]
conv: float32[1, 2, 2, 2] = Conv2D(image, conv/w, conv/b) {stride: 2x2, padding: [0, 1, 0, 1]}
six: float32[1, 2, 2, 2] = Add(conv, conv) {activation: relu6} from "model/add;relu"
codes: int8[1, 2, 2, 2] {scale: 0.1, zero_point: -1} = Quantize(six) {scale: 0.1, zero_point: -1}
flat: int8[2, 4] {scale: 0.1, zero_point: -1} = Reshape(codes) {shape: [2, 4]}
  dense: int8[2, 4] {scale: [0.5, 0.25], axis: 0, bits: 4} = [1, 0, 3, 4, 5, 6, 7, -7] mask [1, 0, 1, 1, 1, 1, 1, 1]
output: int8[2, 2] {scale: 0.25} = FullyConnected(flat, dense, _)
output output
)";

ConstantStore store() {
  return {{"conv/w", {std::make_shared<const Bytes>(72)}}};
}

std::string error_of(std::string_view text, ErrorKind kind = ErrorKind::invalid_input) {
  try {
    parse(text, store(), "a.txt");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, kind);
    return error.what();
  }
  return "accepted";
}

TEST(Text, ParsesAndPrintsTheSame) {
  const Graph graph = parse(kGraph, store());
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(printed.text, kGraph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
}

TEST(Text, HoldsEverything) {
  const Graph graph = parse(kGraph, store());
  EXPECT_EQ(graph.name, "small");
  ASSERT_EQ(graph.values.size(), 9u);
  ASSERT_EQ(graph.nodes.size(), 5u);
  EXPECT_EQ(graph.preprocessing.at(0).scale, std::vector<float>{0.003921569f});
  EXPECT_EQ(graph.labels, (std::vector<std::string>{"cat", "a dog"}));
  const auto& conv = std::get<ops::Conv2D>(graph.nodes[0].op);
  EXPECT_EQ(conv.stride, (Size2D{2, 2}));
  EXPECT_EQ(conv.padding, (Padding{0, 1, 0, 1}));
  EXPECT_EQ(graph.nodes[0].origin, "conv");
  EXPECT_EQ(std::get<ops::Add>(graph.nodes[1].op).activation, Activation::relu6);
  EXPECT_EQ(graph.nodes[1].origin, "model/add;relu");
  EXPECT_EQ(graph.nodes[4].inputs, (std::vector<ValueId>{6, 7, kNoValue}));
  EXPECT_EQ(graph.value(7).type.quantization->zero_point, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(graph.value(7).type.quantization->bits, 4);
}

TEST(Text, KeepsIds) {
  Graph graph;
  const ValueId late = add_value(graph, "late", {DType::float32, {3}, {}});
  const ValueId first = add_value(graph, "first", {DType::float32, {3}, {}});
  const ValueId unread = add_value(graph, "unread", {DType::float32, {}, {}});
  const ValueId constant = add_constant(graph, "constant", {3}, {1, 2, 3});
  graph.inputs = {first};
  graph.outputs = {late, first};
  graph.nodes = {{ops::Add{}, {first, constant}, {late}, "late"}};
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(printed.text,
            "graph \"\"\n"
            "input first@1: float32[3]\n"
            "  constant@3: float32[3] = [1, 2, 3]\n"
            "late@0: float32[3] = Add(first, constant)\n"
            "  unread@2: float32[]\n"
            "output late, first\n");
  EXPECT_EQ(parse(printed.text, {}), graph);
  EXPECT_EQ(unread, 2);
}

TEST(Text, KeepsEveryBitOfANumber) {
  Graph graph;
  for (uint32_t bits :
       {0x00000000u, 0x80000000u, 0x00000001u, 0x7f7fffffu, 0x7f800000u, 0xff800000u, 0x7fc00000u,
        0xffc00000u, 0x7f800001u, 0x3dcccccdu, 0x3f7fffffu})
    add_constant(graph, "c", {1}, {std::bit_cast<float>(bits)});
  const int64_t smallest = INT64_MIN;
  add_constant(graph, "i", {DType::int64, {1}, {}}, to_bytes(std::span(&smallest, 1)));
  add_constant(graph, "b", {DType::boolean, {3}, {}}, {0, 1, 255});
  add_constant(graph, "h", {DType::float16, {1}, {}}, {0x00, 0x3c});
  const PrintedGraph printed = print(graph);
  EXPECT_TRUE(printed.constants.empty());
  EXPECT_EQ(parse(printed.text, {}), graph) << printed.text;
}

TEST(Text, KeepsOddNames) {
  Graph graph;
  graph.name = "odd \"names\"\\ \n\x01 \xc3\xa4";
  for (const char* name :
       {"_", "input", "output", "labels", "7", "a b", "x:0", "StatefulCall;1", "-"})
    graph.inputs.push_back(add_value(graph, name, {DType::int32, {1}, {}}));
  for (ValueId id : graph.inputs) graph.outputs.push_back(id);
  graph.preprocessing.resize(graph.inputs.size());
  graph.labels = {"", "graph", "[", "# no comment"};
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, {}), graph) << printed.text;
}

TEST(Text, LargeConstantsTravelBeside) {
  Graph graph;
  add_constant(graph, "w", {17}, std::vector<float>(17, 1.5f));
  EXPECT_EQ(print(graph).constants.count("w"), 1u);
  EXPECT_EQ(print(graph, 17).constants.count("w"), 0u);
  const PrintedGraph printed = print(graph, 0);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
}

TEST(Text, ErrorsNameLineAndColumn) {
  const std::string start = "graph g\ninput x: float32[2]\n";
  EXPECT_EQ(error_of("grph g"), "a.txt: line 1, column 1: expected 'graph', found 'grph'");
  EXPECT_EQ(error_of(start + "y: float32[2] = Rleu(x)"),
            "a.txt: line 3, column 17: no operator: 'Rleu'");
  EXPECT_EQ(error_of(start + "y: float32[2] = Relu(z)"),
            "a.txt: line 3, column 22: no value is called 'z'");
  EXPECT_EQ(error_of(start + "y: float32[2] = Softmax(x) {gamma: 1}"),
            "a.txt: line 3, column 29: there is no 'gamma' here");
  EXPECT_EQ(error_of(start + "y: float32[2] = Softmax(x) {beta: 1, beta: 1}"),
            "a.txt: line 3, column 38: 'beta' again");
  EXPECT_EQ(error_of(start + "y: float32[2] = Softmax(x) {beta: 1e99}"),
            "a.txt: line 3, column 35: expected a number of float32, found '1e99'");
  EXPECT_EQ(error_of(start + "y: float33[2]"),
            "a.txt: line 3, column 4: no element type: 'float33'");
  EXPECT_EQ(error_of(start + "y: float32[0]"), "a.txt: line 3, column 11: no shape: [0]");
  EXPECT_EQ(
      error_of(start + "y: int8[2147483647, 2147483647, 2147483647]", ErrorKind::unsupported),
      "a.txt: line 3, column 8: a tensor of shape [2147483647, 2147483647, 2147483647], which "
      "has more than 1099511627776 elements");
  EXPECT_EQ(error_of(start + "y: int8[1] = [128]"),
            "a.txt: line 3, column 15: expected a whole number from -128 to 127, found '128'");
  EXPECT_EQ(error_of(start + "y: int8[2] = [1]"),
            "a.txt: line 3, column 14: 1 bytes of data for int8[2]");
  EXPECT_EQ(error_of(start + "x: int8[2]"),
            "a.txt: line 3, column 1: value 'x' is declared twice or has no number");
  EXPECT_EQ(error_of(start + "y@2000000000: int8[2]"),
            "a.txt: line 3, column 1: number 2000000000 is used twice or leaves a gap");
  EXPECT_EQ(error_of(start + "y: int8[2] = crc32 00000000"),
            "a.txt: line 3, column 20: constant 'y' is missing beside the text");
  EXPECT_EQ(error_of(start + "y: int8[2] = [0, 1] mask [0]"),
            "a.txt: line 3, column 26: a mask of 1 for int8[2]");
  EXPECT_EQ(error_of("graph g\n  conv/w: float32[18] = crc32 00000000"),
            "a.txt: line 2, column 31: constant 'conv/w' has CRC-32 0fc2bb52");
  EXPECT_EQ(error_of(start + "output x x"),
            "a.txt: line 3, column 10: expected the end of the line, found 'x'");
  EXPECT_EQ(error_of("graph \"g"), "a.txt: line 1, column 7: a string without an end");
  EXPECT_EQ(error_of("graph g\x80"),
            "a.txt: line 1, column 8: a character without meaning here: byte 0x80");
}

}  // namespace
}  // namespace mote

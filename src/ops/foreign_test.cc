#include "ops/foreign.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/foreign_graphs.h"

namespace mote {
namespace {

using testing::add_foreign;
using testing::foreign_data;
using testing::small_classifier;

std::string error_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string import_error(const ForeignGraph& foreign) {
  return error_of([&] { import_graph(foreign, Format::tflite); });
}

// One float node over [1, 8, 8, 1].
ForeignGraph one_node(const std::string& type) {
  ForeignGraph g;
  const TensorType image{DType::float32, {1, 8, 8, 1}, {}};
  g.inputs = {add_foreign(g, "in", image)};
  g.outputs = {add_foreign(g, "out", image)};
  g.nodes.push_back({type, "", 1, {}, {0}, {1}, "out"});
  return g;
}

// ---- the driver
// -----------------------------------------------------------------------------------

TEST(Foreign, ImportKeepsNamesTypesAndOrder) {
  const Graph graph = import_graph(small_classifier(), Format::tflite);
  EXPECT_EQ(graph.name, "small");
  ASSERT_EQ(graph.nodes.size(), 3u);
  const char* origins[] = {"features", "flat", "classes"};
  for (size_t i = 0; i < 3; i++) EXPECT_EQ(graph.nodes[i].origin, origins[i]);
  EXPECT_EQ(graph.value(graph.inputs.at(0)).name, "image");
  EXPECT_EQ(graph.value(graph.nodes[0].inputs.at(1)).type, small_classifier().values[1].type);
  // The shape that RESHAPE reads became an attribute.
  for (const Value& value : graph.values) EXPECT_NE(value.name, "shape");
}

TEST(Foreign, ExportIsImportsInverse) {
  const Graph graph = import_graph(small_classifier(), Format::tflite);
  EXPECT_EQ(import_graph(export_graph(graph, Format::tflite), Format::tflite), graph);
}

TEST(Foreign, PaddingOfItsOwnBecomesANode) {
  Graph graph;
  graph.inputs = {add_value(graph, "in", {DType::float32, {1, 8, 8, 2}, {}})};
  ops::Conv2D conv;
  conv.padding = {2, 0, 0, 1};  // neither SAME nor VALID
  const ValueId weights = add_constant(graph, "w", {1, 3, 3, 2}, std::vector<float>(18, 1.0f));
  graph.outputs = {add_node(graph, conv, {graph.inputs[0], weights}, "conv")};
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 2u);
  EXPECT_EQ(foreign.nodes[0].type, "PAD");
  EXPECT_EQ(foreign.nodes[1].type, "CONV_2D");
  verify(import_graph(foreign, Format::tflite), Level::imported);
}

// in -> two convolutions that share their weights, one with a bias -> their sum with a constant.
Graph half_graph() {
  Graph graph;
  graph.inputs = {add_value(graph, "in", {DType::float32, {1, 4, 4, 1}, {}})};
  const auto halves = [&](const char* name, Shape shape) {
    const auto bytes = static_cast<size_t>(2 * element_count(shape));
    return add_constant(graph, name, {DType::float16, std::move(shape), {}}, Bytes(bytes, 0x3C));
  };
  const ValueId weights = halves("w", {2, 1, 1, 1});
  const ValueId a = add_node(graph, ops::Conv2D{}, {graph.inputs[0], weights}, "a");
  const ValueId bias = halves("b", {2});
  const ValueId b = add_node(graph, ops::Conv2D{}, {graph.inputs[0], weights, bias}, "c");
  const ValueId sum = add_node(graph, ops::Add{}, {a, b}, "sum");
  graph.outputs = {add_node(graph, ops::Add{}, {sum, halves("offset", {2})}, "out")};
  return graph;
}

TEST(Foreign, HalvesAreDequantizedOnceInTflite) {
  const Graph graph = half_graph();
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  std::vector<std::string> types;
  for (const ForeignNode& node : foreign.nodes) {
    types.push_back(node.type);
    if (node.type != "DEQUANTIZE") continue;
    EXPECT_EQ(node.version, 3);
    const auto& from = foreign.values[static_cast<size_t>(node.inputs.at(0))];
    const auto& to = foreign.values[static_cast<size_t>(node.outputs.at(0))];
    EXPECT_EQ(from.type.dtype, DType::float16);
    EXPECT_TRUE(from.data);
    EXPECT_EQ(to.type, (TensorType{DType::float32, from.type.shape, {}}));
    EXPECT_EQ(to.name, from.name + "_dequantize");
  }
  EXPECT_EQ(types, (std::vector<std::string>{"DEQUANTIZE", "CONV_2D", "DEQUANTIZE", "CONV_2D",
                                             "ADD", "DEQUANTIZE", "ADD"}));
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
}

TEST(Foreign, OnlyConstantsAreHalves) {
  ForeignGraph foreign = one_node("DEQUANTIZE");
  foreign.values[0].type.dtype = DType::float16;
  EXPECT_EQ(import_error(foreign), "node 'out' (Dequantize): dequantizes float16[1, 8, 8, 1]");
}

TEST(Foreign, AllMissingOperatorsAreNamedAtOnce) {
  ForeignGraph foreign = small_classifier();
  foreign.nodes[0].type = "ROLL";
  foreign.nodes[1].type = "TWIST";
  foreign.nodes[2].type = "ROLL";
  EXPECT_EQ(import_error(foreign),
            "the model needs operators that Mote does not have: ROLL (node 'features' and 1 more), "
            "TWIST (node 'flat') (`mote kernels` lists those that it has)");
}

TEST(Foreign, ErrorsNameTheNode) {
  ForeignGraph foreign = small_classifier();
  foreign.values[3].type.shape = {1, 4, 4, 4};
  EXPECT_EQ(import_error(foreign),
            "node 'features' (Conv2D): output 'features' is int8[1, 4, 4, 4], but from the inputs "
            "follows int8[1, 4, 4, 3]");
}

TEST(Foreign, NodesOutOfOrderAreRefused) {
  ForeignGraph foreign = small_classifier();
  std::swap(foreign.nodes[0], foreign.nodes[1]);
  EXPECT_EQ(import_error(foreign),
            "node 'flat' (Reshape): reads 'features' before anything makes it");
}

TEST(Foreign, ABatchNormHasToBeFoldedFirst) {
  Graph graph;
  graph.inputs = {add_value(graph, "in", {DType::float32, {1, 2, 2, 1}, {}})};
  std::vector<ValueId> inputs = graph.inputs;
  for (const char* name : {"gamma", "beta", "mean", "variance"})
    inputs.push_back(add_constant(graph, name, {1}, {1.0f}));
  graph.outputs = {add_node(graph, ops::BatchNorm{}, inputs, "bn")};
  EXPECT_EQ(error_of([&] { export_graph(graph, Format::tflite); }),
            "node 'bn' (BatchNorm): TFLite has no such operator (optimize the graph first)");
}

// A file need not say what follows from the inputs: neither of the values between the nodes, nor of
// the graph's outputs.
TEST(Foreign, TypesThatTheFileLeavesOpenAreInferred) {
  ForeignGraph foreign = one_node("RELU");
  const int32_t last = add_foreign(foreign, "last", {});
  foreign.values[1].type = {};
  foreign.values[1].open_type = foreign.values[2].open_type = true;
  foreign.nodes.push_back({"SOFTMAX", "", 1, {}, {1}, {last}, "last"});
  foreign.outputs = {last};
  const Graph graph = import_graph(foreign, Format::tflite);
  const TensorType image{DType::float32, {1, 8, 8, 1}, {}};
  for (const Value& value : graph.values) EXPECT_EQ(value.type, image) << value.name;
}

// ---- what operators see ----

class ImporterTest : public ::testing::Test {
 protected:
  Importer importer() { return {foreign_, foreign_.nodes[0], graph_, values_}; }

  ForeignGraph foreign_ = one_node("X");
  Graph graph_;
  ImportedValues values_{foreign_, graph_};
};

TEST_F(ImporterTest, AttributesHaveDefaultsAndTypes) {
  foreign_.nodes[0].attributes = {{"axis", -1}, {"beta", 0.5}, {"mode", "REFLECT"}};
  EXPECT_EQ(importer().integer("axis", 7), -1);
  EXPECT_EQ(importer().integer("depth", 7), 7);
  EXPECT_EQ(importer().real("beta", 1), 0.5);
  EXPECT_EQ(importer().text("mode", ""), "REFLECT");
  EXPECT_THROW(importer().integer("mode", 7), Error);
  EXPECT_THROW(importer().real("axis", 7), Error);
}

TEST_F(ImporterTest, ActivationsByName) {
  EXPECT_EQ(importer().activation(), Activation::none);
  foreign_.nodes[0].attributes = {{"fused_activation_function", "RELU_N1_TO_1"}};
  EXPECT_EQ(importer().activation(), Activation::relu_n1_to_1);
  foreign_.nodes[0].attributes = {{"fused_activation_function", "TANH"}};
  EXPECT_EQ(error_of([&] { importer().activation(); }), "the fused activation is TANH");
  EXPECT_EQ(Exporter::activation_name(Activation::relu6), "RELU6");
}

TEST_F(ImporterTest, PaddingFromItsName) {
  const Size2D image{5, 8}, window{3, 3}, stride{2, 2}, dilation{1, 1};
  EXPECT_EQ(importer().padding(image, window, stride, dilation), (Padding{1, 1, 0, 1}));
  foreign_.nodes[0].attributes = {{"padding", "VALID"}};
  EXPECT_EQ(importer().padding(image, window, stride, dilation), Padding{});
  EXPECT_THROW(importer().padding(image, window, {0, 1}, dilation), Error);
  EXPECT_THROW(importer().padding(image, {3, -1}, stride, dilation), Error);
}

TEST_F(ImporterTest, ConstantIntegersOfBothWidths) {
  const auto with_input = [&](TensorType type, std::shared_ptr<const Bytes> data) {
    foreign_.nodes[0].inputs = {add_foreign(foreign_, "c", std::move(type), std::move(data))};
  };
  const std::vector<int64_t> expected{-3, 1 << 20};
  with_input({DType::int32, {2}, {}}, foreign_data(std::vector<int32_t>{-3, 1 << 20}));
  EXPECT_EQ(importer().constant_integers(0), expected);
  with_input({DType::int64, {2}, {}}, foreign_data(expected));
  EXPECT_EQ(importer().constant_integers(0), expected);
  with_input({DType::int32, {2}, {}}, nullptr);
  EXPECT_EQ(error_of([&] { importer().constant_integers(0); }), "'c' is not a constant");
  with_input({DType::float32, {1}, {}}, foreign_data(std::vector<float>{1}));
  EXPECT_THROW(importer().constant_integers(0), Error);
  EXPECT_EQ(error_of([&] { importer().constant_integers(1); }), "input 1 is missing");
}

TEST_F(ImporterTest, IntermediatesHaveTheTypeThatIsInferred) {
  Importer importer = this->importer();
  const ValueId id = importer.intermediate("flat");
  importer.add(ops::Reshape{{64}}, {importer.id(0)}, {id});
  EXPECT_EQ(graph_.value(id).type, (TensorType{DType::float32, {64}, {}}));
}

TEST_F(ImporterTest, IntermediatesTakeNoNameOfTheFile) {
  add_foreign(foreign_, "out_padded", {DType::float32, {1}, {}});
  ImportedValues values(foreign_, graph_);  // reads the file's names
  Importer importer(foreign_, foreign_.nodes[0], graph_, values);
  const ValueId id = importer.intermediate("padded", {DType::float32, {1, 8, 8, 1}, {}});
  EXPECT_EQ(graph_.value(id).name, "out_padded_1");
  importer.add(ops::Relu{}, {importer.id(0)}, {id});
  importer.add(ops::Relu{}, {id});
  EXPECT_EQ(graph_.nodes[0].origin, "out_padded_1");
  EXPECT_EQ(graph_.nodes[1].origin, "out");
}

}  // namespace
}  // namespace mote

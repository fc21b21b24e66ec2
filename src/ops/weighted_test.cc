#include "ops/weighted.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ops/foreign.h"
#include "tests/support/weighted_oracle.h"

namespace mote {
namespace {

// A dense node of two channels, int8, whose quantization and constants the tests then change.
Graph dense_graph(const std::vector<int8_t>& weights, const std::vector<int32_t>& bias) {
  Graph graph;
  const auto inputs = static_cast<int32_t>(weights.size() / 2);
  graph.inputs = {add_value(graph, "x", {DType::int8, {1, inputs}, per_tensor(0.5f, 3)})};
  const ValueId w =
      add_constant(graph, "w", {DType::int8, {2, inputs}, per_channel({0.25f, 0.125f}, 0)},
                   to_bytes(std::span<const int8_t>(weights)));
  const ValueId b = add_constant(graph, "b", {DType::int32, {2}, per_channel({0.125f, 0.0625f}, 0)},
                                 to_bytes(std::span<const int32_t>(bias)));
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], w, b}, "dense")};
  graph.value(graph.outputs[0]).type.quantization = per_tensor(1.0f, -5);
  return graph;
}

ChannelMultipliers multipliers_of(const Graph& graph, const WeightedKernel& kernel) {
  Homes homes = initial_homes(graph);
  return channel_multipliers(Lowering(graph, graph.nodes[0], MOTE_ROUNDING_DOUBLE, homes), kernel);
}

std::string lowering_error(const Graph& graph) {
  try {
    multipliers_of(graph, {.name = "fully_connected"});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.where, "node 'dense' (FullyConnected)");
    return error.message;
  }
  return "none";
}

std::string verify_error(const Graph& graph) {
  try {
    verify(graph, Level::quantized);
  } catch (const Error& error) {
    const bool zero_point = error.message.find("weights") == 0 &&
                            error.message.find(": zero point") != std::string::npos;
    EXPECT_EQ(error.kind, zero_point ? ErrorKind::unsupported : ErrorKind::invalid_input);
    return error.message;
  }
  return "none";
}

TEST(Weighted, ProvesTheBoundOfEveryAccumulator) {
  // -131 <= x - 3 <= 124: the products of channel 1 reach from -(131 * 100 + 124 * 27) to 124 * 100
  // + 131 * 27.
  constexpr int32_t kAbove = INT32_MAX - 124 * 100 - 131 * 27;
  constexpr int32_t kBelow = -INT32_MAX + 131 * 100 + 124 * 27;
  EXPECT_EQ(lowering_error(dense_graph({1, 1, 100, -27}, {0, kAbove})), "none");
  EXPECT_EQ(lowering_error(dense_graph({1, 1, 100, -27}, {0, kBelow})), "none");
  EXPECT_EQ(lowering_error(dense_graph({1, 1, 100, -27}, {0, kAbove + 1})),
            "the accumulator of output channel 1 can reach 2147483648, beyond int32");
  EXPECT_EQ(lowering_error(dense_graph({1, 1, 1, 1}, {INT32_MIN, 0})),
            "the accumulator of output channel 0 can reach 2147483910, beyond int32");
  // Rescaled by 1, it would leave no room for the output's zero point.
  Graph graph = dense_graph({0, 0, 0, 0}, {INT32_MAX, 0});
  graph.value(graph.outputs[0]).type.quantization = per_tensor(0.125f, -5);
  EXPECT_NE(lowering_error(graph), "none");
}

TEST(Weighted, ProvesTheBoundOfAccumulatorsThatAreShiftedLeft) {
  Graph graph = dense_graph({1, 1, 100, -27}, {0, 0});
  graph.value(graph.outputs[0]).type.quantization = per_tensor(0.125f / 1024, 0);
  EXPECT_EQ(lowering_error(graph), "none");
  graph.value(graph.outputs[0]).type.quantization = per_tensor(0.125f / (1 << 20), 0);
  EXPECT_EQ(
      lowering_error(graph),
      "the accumulator of output channel 1 can reach 16448, beyond int32 once scaled by 2^20");
}

// The same node on int16, with a bias of 64 bits.
Graph wide_dense_graph(int64_t bias, float output_scale) {
  Graph graph = dense_graph({1, 1, 100, -27}, {0, 0});
  graph.value(graph.inputs[0]).type.dtype = DType::int16;
  graph.value(graph.inputs[0]).type.quantization = per_tensor(0.5f, 0);
  Value& b = graph.value(graph.nodes[0].inputs[2]);
  const std::vector<int64_t> data = {0, bias};
  b.type.dtype = DType::int64;
  b.data = std::make_shared<const Bytes>(to_bytes(std::span<const int64_t>(data)));
  graph.value(graph.outputs[0]).type.dtype = DType::int16;
  graph.value(graph.outputs[0]).type.quantization = per_tensor(output_scale, 0);
  return graph;
}

TEST(Weighted, ProvesTheBoundOfWideAccumulators) {
  // The products of channel 1 reach up to 32767 * 100 + 32768 * 27.
  constexpr int64_t kRoom = (int64_t{1} << 47) - 1 - 32767 * 100 - 32768 * 27;
  constexpr float kSmall = 1 << 20;
  EXPECT_EQ(lowering_error(wide_dense_graph(kRoom, kSmall)), "none");
  EXPECT_EQ(lowering_error(wide_dense_graph(kRoom + 1, kSmall)),
            "the accumulator of output channel 1 can reach 140737488355328, beyond 48 bits");
  EXPECT_NE(lowering_error(wide_dense_graph(INT64_MIN, kSmall)), "none");
  EXPECT_EQ(lowering_error(wide_dense_graph(kRoom, 1e12f)), "none");  // rescaled by 0
  EXPECT_EQ(lowering_error(wide_dense_graph(0, 0.125f / 64)), "none");
  EXPECT_EQ(lowering_error(wide_dense_graph(0, 0.125f / 128)),
            "the accumulator of output channel 0 can reach 65536, beyond int32 once scaled by "
            "2^8");
}

// Of inputs that are quantized on the fly, the zero point can be anywhere: 255 steps from zero, or
// 127 without one.
TEST(Weighted, ProvesTheBoundOfSumsOfInputsThatAreQuantizedOnTheFly) {
  const auto error_with = [](bool asymmetric, int32_t inputs) {
    Graph graph;
    graph.inputs = {add_value(graph, "x", {DType::float32, {1, inputs}, {}})};
    const ValueId w = add_constant(graph, "w", {DType::int8, {1, inputs}, per_tensor(0.5f, 0)},
                                   Bytes(static_cast<size_t>(inputs), 127));
    ops::FullyConnected dense;
    dense.asymmetric_inputs = asymmetric;
    graph.outputs = {add_node(graph, dense, {graph.inputs[0], w}, "dense")};
    try {
      testing::NodeRun(graph, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.where, "node 'dense' (FullyConnected)");
      return error.message;
    }
    return std::string("none");
  };
  EXPECT_EQ(error_with(true, 66'311), "none");
  EXPECT_EQ(error_with(true, 66'312),
            "the accumulator of output channel 0 can reach 2147514120, beyond int32");
  EXPECT_EQ(error_with(false, 66'312), "none");
  EXPECT_NE(error_with(false, 133'145), "none");
}

std::pair<int32_t, bool> version_and_bias_type(const Graph& graph) {
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
  const ForeignNode& node = foreign.nodes.at(0);
  const std::pair<std::string, Attribute> narrow = {"quantized_bias_type", "INT32"};
  return {node.version, !node.attributes.empty() && node.attributes.back() == narrow};
}

TEST(Weighted, SaysToTfliteHowWideABiasOfInt16Is) {
  Graph graph = wide_dense_graph(5, 1.0f);
  EXPECT_EQ(version_and_bias_type(graph), std::pair(7, false));
  Value& bias = graph.value(graph.nodes[0].inputs[2]);
  bias.type.dtype = DType::int32;
  bias.data = std::make_shared<const Bytes>(2 * sizeof(int32_t), 1);
  EXPECT_EQ(version_and_bias_type(graph), std::pair(11, true));
}

// Where a file has none, its option decides, and a bias of zeros says the same to us.
TEST(Weighted, MakesABiasWhereAnOptionSaysItsWidth) {
  Graph graph = wide_dense_graph(5, 1.0f);
  graph.nodes[0].inputs.pop_back();
  ForeignGraph foreign = export_graph(graph, Format::tflite);
  EXPECT_EQ(import_graph(foreign, Format::tflite).nodes[0].inputs.size(), 2u);
  foreign.nodes[0].attributes.push_back({"quantized_bias_type", std::string("INT32")});
  const Graph imported = import_graph(foreign, Format::tflite);
  ASSERT_EQ(imported.nodes[0].inputs.size(), 3u);
  const Value& bias = imported.value(imported.nodes[0].inputs[2]);
  EXPECT_EQ(bias.type, (TensorType{DType::int32, {2}, {}}));
  EXPECT_EQ(*bias.data, Bytes(2 * sizeof(int32_t), 0));
}

TEST(Weighted, FlushesTinyMultipliersToZero) {
  Graph graph = dense_graph({1, 1, 100, -27}, {1000, 1000});
  graph.value(graph.nodes[0].inputs[1]).type.quantization = per_channel({1e-12f, 0.125f}, 0);
  graph.value(graph.nodes[0].inputs[2]).type.quantization.reset();
  const auto [multiplier, shift] = multipliers_of(graph, {.name = "fully_connected"});
  EXPECT_EQ(multiplier, (std::vector<int32_t>{0, 1 << 30}));
  EXPECT_EQ(shift, (std::vector<int8_t>{0, -3}));
  for (mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
    const Bytes output = testing::run_node(graph, {{Bytes{3, 3}}}, {.rounding = rounding});
    EXPECT_EQ(static_cast<int8_t>(output[0]), -5);
  }
}

// Where the bias of a lowered node lies.
Space bias_space(const Graph& graph) {
  Homes homes = initial_homes(graph);
  Lowering lowering(graph, graph.nodes[0], MOTE_ROUNDING_DOUBLE, homes);
  return weighted_bias(lowering, {.name = "fully_connected"}).space;
}

TEST(Weighted, BiasesOfZerosAreLeftOut) {
  EXPECT_EQ(bias_space(dense_graph({1, 2, 3, 4}, {0, 0})), Space::none);
  EXPECT_EQ(bias_space(dense_graph({1, 2, 3, 4}, {0, 256})), Space::constant);
  Graph graph = dense_graph({1, 2, 3, 4}, {0, 0});
  graph.value(graph.nodes[0].inputs[2]).type = {DType::float32, {2}, {}};
  graph.value(graph.nodes[0].inputs[2]).data = std::make_shared<const Bytes>(Bytes(8));
  EXPECT_EQ(bias_space(graph), Space::constant);  // with it, a sum of -0 is 0
}

TEST(Weighted, MultipliesScalesInThePrecisionOfTheOperator) {
  Graph graph = dense_graph({1, 1, 100, -27}, {0, 0});
  graph.value(graph.inputs[0]).type.quantization = per_tensor(0.1f, 3);
  graph.value(graph.nodes[0].inputs[1]).type.quantization = per_tensor(0.3f, 0);
  graph.value(graph.nodes[0].inputs[2]).type.quantization.reset();
  const auto wide = multipliers_of(graph, {.name = "fully_connected"});
  const auto narrow = multipliers_of(
      graph, {.name = "fully_connected", .per_tensor_product = ScaleProduct::binary32});
  const double product = static_cast<double>(0.1f) * 0.3f;
  EXPECT_EQ(wide.multiplier[0], mote_quantize_multiplier(product).multiplier);
  EXPECT_EQ(narrow.multiplier[0], mote_quantize_multiplier(0.1f * 0.3f).multiplier);
  EXPECT_NE(wide.multiplier[0], narrow.multiplier[0]);
}

TEST(Weighted, AcceptsOnlyQuantizationsThatItsKernelsCompute) {
  const Graph valid = dense_graph({1, 1, 100, -27}, {0, 0});
  EXPECT_EQ(verify_error(valid), "none");
  const auto with = [&](size_t input, std::optional<Quantization> quantization) {
    Graph graph = valid;
    graph.value(graph.nodes[0].inputs[input]).type.quantization = std::move(quantization);
    return verify_error(graph);
  };
  EXPECT_EQ(with(1, per_tensor(0.25f, 1)),
            "weights int8[2, 2] {scale: 0.25, zero_point: 1}: zero point 1, 0 expected");
  EXPECT_EQ(with(1, per_channel({0.25f, 0.125f}, 1)),
            "weights int8[2, 2] {axis: 1, scales: 2}: one scale for each index of dimension 0 "
            "expected");
  EXPECT_EQ(with(1, std::nullopt), "weights int8[2, 2]: they have no scale");
  EXPECT_EQ(with(2, per_channel({0.125f, 0.125f}, 0)),
            "the bias of channel 1 has scale 0.125, but those of input and weights give 0.0625");
  EXPECT_EQ(with(2, std::nullopt), "none");
  EXPECT_NE(with(0, std::nullopt), "none");
}

TEST(Weighted, AcceptsInt8WeightsBetweenFloatsWithTheirScales) {
  Graph graph = dense_graph({1, 1, 100, -27}, {0, 0});
  graph.nodes[0].inputs.pop_back();
  for (ValueId id : {graph.inputs[0], graph.outputs[0]})
    graph.value(id).type = {DType::float32, {1, 2}, {}};
  EXPECT_EQ(verify_error(graph), "none");
  graph.value(graph.nodes[0].inputs[1]).type.quantization = per_tensor(0.25f, 1);
  EXPECT_EQ(verify_error(graph),
            "weights int8[2, 2] {scale: 0.25, zero_point: 1}: zero point 1, 0 expected");
  graph.value(graph.nodes[0].inputs[1]).type.quantization.reset();
  EXPECT_EQ(verify_error(graph), "weights int8[2, 2]: they have no scale");
}

TEST(Weighted, RefusesTypesWithoutAKernel) {
  const TensorType x{DType::float32, {1, 2}, {}}, w{DType::int8, {2, 2}, per_tensor(1, 0)};
  const TensorType b{DType::float32, {3}, {}}, f{DType::float32, {2, 2}, {}};
  const auto error_of = [](const std::vector<TensorType>& types) {
    try {
      check_weighted_types(types, 2);
    } catch (const Error& error) {
      return error.message;
    }
    return std::string("none");
  };
  EXPECT_EQ(error_of({x, w}), "none");
  EXPECT_EQ(error_of({x, w, {DType::float32, {2}, {}}}), "none");
  EXPECT_EQ(error_of({x, w, {DType::int32, {2}, {}}}), "int32 bias for an input of float32");
  EXPECT_EQ(error_of({x, {DType::int16, {2, 2}, {}}}), "int16 weights for an input of float32");
  EXPECT_EQ(error_of({x, f, b}), "bias [3] for 2 output channels of weights [2, 2]");
  EXPECT_EQ(error_of({x, f, {DType::int32, {2}, {}}}), "int32 bias for an input of float32");
  EXPECT_EQ(error_of({x, f, {}}), "none");
  const TensorType wide{DType::int16, {1, 2}, per_tensor(1, 0)};
  EXPECT_EQ(error_of({wide, w, {DType::int64, {2}, {}}}), "none");
  EXPECT_EQ(error_of({wide, w, {DType::int32, {2}, {}}}), "none");
  EXPECT_EQ(error_of({wide, f}), "float32 weights for an input of int16");
}

TEST(Weighted, CountsTapsInThePaddingToo) {
  const std::vector<TensorType> types = {{DType::float32, {2, 8, 8, 3}, {}},
                                         {DType::float32, {4, 3, 3, 3}, {}},
                                         {DType::float32, {4}, {}}};
  const Cost cost = weighted_cost(types, {DType::float32, {2, 8, 8, 4}, {}}, 0);
  EXPECT_EQ(cost.macs, 2 * 8 * 8 * 4 * 27);
  EXPECT_EQ(cost.parameters, 4 * 27 + 4);
}

// Whether inputs have a zero point once the operator has been fitted to weights of such scales.
template <class Attributes>
bool asymmetric_for(Attributes attributes, const Quantization& scales) {
  Op op = attributes;
  op_def(op).quantize_inputs_for(op, {DType::int8, {2, 1, 1, 1}, scales});
  return std::get<Attributes>(op).asymmetric_inputs;
}

TEST(Weighted, QuantizesFloatInputsAsTfliteDoesForSuchWeights) {
  const Quantization one = per_tensor(0.5f, 0), same = per_channel({0.5f, 0.5f}, 0);
  const Quantization different = per_channel({0.5f, 0.25f}, 0);
  ops::Conv2D asymmetric, grouped;
  asymmetric.asymmetric_inputs = true;
  grouped.groups = 2;
  EXPECT_FALSE(asymmetric_for(asymmetric, one));
  EXPECT_FALSE(asymmetric_for(asymmetric, same));
  EXPECT_TRUE(asymmetric_for(ops::Conv2D{}, different));
  EXPECT_TRUE(asymmetric_for(grouped, one));
  EXPECT_TRUE(asymmetric_for(ops::DepthwiseConv2D{}, one));
  EXPECT_TRUE(asymmetric_for(ops::FullyConnected{}, one));
  EXPECT_EQ(op_def(ops::Relu{}).quantize_inputs_for, nullptr);
}

// ---- INT4

constexpr ExportOptions kInt4{.int4_weights = true};

Graph int4_graph(const testing::WeightedNode& node, uint64_t seed) {
  Random random(seed, "int4");
  Graph graph = testing::random_graph(node, DType::int8, random);
  Value& weights = graph.value(graph.nodes[0].inputs[1]);
  weights.data = std::make_shared<const Bytes>(
      testing::random_integers<int8_t>(element_count(node.weights), random, -8, 7));
  weights.type.quantization->bits = 4;
  return graph;
}

// What the file says about the weights' bits, and the operator's version.
std::pair<int32_t, int32_t> written(const Graph& graph, const ExportOptions& options) {
  const ForeignGraph foreign = export_graph(graph, Format::tflite, options);
  const ForeignNode& node = foreign.nodes.at(0);
  const auto weights = static_cast<size_t>(node.inputs.at(1));
  return {foreign.values[weights].type.quantization->bits, node.version};
}

TEST(Weighted, FourBitsAreInt4WhereAskedFor) {
  const testing::WeightedNode nodes[] = {
      {ops::Conv2D{}, {1, 5, 5, 2}, {3, 3, 3, 2}, 0},
      {ops::DepthwiseConv2D{}, {1, 5, 5, 3}, {1, 3, 3, 3}, 3},
      {ops::FullyConnected{}, {1, 5}, {3, 5}, 0},
  };
  const int32_t versions[] = {7, 7, 10};
  for (uint64_t i = 0; i < 3; i++) {
    Graph graph = int4_graph(nodes[i], i);
    EXPECT_EQ(written(graph, kInt4), std::pair(4, versions[i]));
    EXPECT_EQ(import_graph(export_graph(graph, Format::tflite, kInt4), Format::tflite), graph);
    EXPECT_EQ(written(graph, {}).first, 8);
    EXPECT_LT(written(graph, {}).second, 7);
    graph.value(graph.nodes[0].inputs[1]).type.quantization->bits = 8;
    EXPECT_EQ(import_graph(export_graph(graph, Format::tflite), Format::tflite), graph);
    EXPECT_EQ(written(graph, kInt4), written(graph, {}));
  }
}

TEST(Weighted, Int4IsWrittenOnlyWhereEveryReaderTakesIt) {
  const testing::WeightedNode node{ops::FullyConnected{}, {1, 5}, {3, 5}, 0};
  Graph shared = int4_graph(node, 4);
  shared.outputs.push_back(add_node(shared, ops::FullyConnected{}, shared.nodes[0].inputs, "two"));
  shared.value(shared.outputs[1]).type.quantization =
      shared.value(shared.outputs[0]).type.quantization;
  EXPECT_EQ(written(shared, kInt4).first, 8);

  Graph false_bits = int4_graph(node, 5);
  Value& weights = false_bits.value(false_bits.nodes[0].inputs[1]);
  weights.data = std::make_shared<const Bytes>(Bytes(15, 8));
  EXPECT_THROW(written(false_bits, kInt4), Error);
}

}  // namespace
}  // namespace mote

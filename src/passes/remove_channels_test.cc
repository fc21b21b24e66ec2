#include "passes/remove_channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "interpret/interpreter.h"
#include "ir/text.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/node_oracle.h"
#include "tests/support/small_graphs.h"

namespace mote::passes {
namespace {

using namespace mote::testing;

// ---- every operator: what nobody reads can go

struct RemovalCase {
  std::vector<Op> ops;          // one after another
  std::vector<Shape> operands;  // of the first
  size_t activations = 1;       // the first so many operands; the others are constants
  size_t groups = 0;            // that may be removed
};

std::vector<RemovalCase> cases_of_layers() {
  const Shape image = {2, 4, 5, 6};
  const auto conv = [&](const ops::Conv2D& op, const Shape& weights, size_t groups) {
    return RemovalCase{{op}, {image, weights, {weights[0]}}, 1, groups};
  };
  const auto depthwise = [&](const ops::DepthwiseConv2D& op, int32_t outputs, size_t groups) {
    return RemovalCase{{op}, {image, {1, 2, 3, outputs}, {outputs}}, 1, groups};
  };
  const auto dense = [](const ops::FullyConnected& op, const Shape& input, const Shape& weights,
                        size_t groups) {
    return RemovalCase{{op}, {input, weights, {weights[0]}}, 1, groups};
  };
  return {
      conv({}, {4, 2, 3, 6}, 6 + 4),
      conv({{2, 1}, {}, {1, 0, 1, 1}}, {3, 3, 3, 6}, 6 + 3),
      conv({{2, 2}, {}, {}, 2}, {4, 1, 1, 3}, 3 + 2),
      conv({{}, {}, {0, 1, 0, 0}, 3}, {6, 2, 1, 2}, 2 + 2),
      conv({{}, {}, {}, 6}, {6, 1, 2, 1}, 6),
      conv({{}, {}, {}, 6}, {12, 1, 2, 1}, 6),
      depthwise({}, 6, 6),
      depthwise({{}, {}, {1, 1, 1, 1}}, 12, 6),
      dense({}, {3, 5}, {4, 5}, 5 + 4),
      dense({}, {2, 2, 1, 3}, {4, 6}, 3 + 4),
      dense({}, {2, 6}, {4, 3}, 0),
      dense({.keep_dims = true}, {2, 3, 4}, {5, 4}, 4 + 5),
      {{ops::TransposeConv{{2, 1}, {}}}, {image, {4, 3, 2, 6}, {4}}, 1, 6 + 4},
      {{ops::BatchNorm{}}, {image, {6}, {6}, {6}, {6}}, 1, 6},
  };
}

std::vector<RemovalCase> cases_of_two_operands() {
  std::vector<RemovalCase> cases;
  const auto add = [&](const Shape& a, const Shape& b, size_t activations, size_t groups) {
    for (const Op& op : {Op(ops::Add{}), Op(ops::Sub{}), Op(ops::Mul{})})
      cases.push_back({{op}, {a, b}, activations, groups});
  };
  add({2, 3, 4}, {2, 3, 4}, 2, 4);
  add({2, 3, 2, 4}, {4}, 2, 4);
  add({2, 1}, {3, 2, 4}, 2, 4);
  add({2, 3, 2, 4}, {1, 2, 4}, 1, 4);
  add({2, 3, 4}, {3, 1}, 1, 4);
  return cases;
}

std::vector<RemovalCase> cases_of_one_operand() {
  const Shape image = {2, 4, 3, 6};
  const auto of_image = [&](const Op& op, size_t groups) {
    return RemovalCase{{op}, {image}, 1, groups};
  };
  return {
      of_image(ops::Relu{}, 6),
      of_image(ops::Relu6{}, 6),
      of_image(ops::LeakyRelu{0.5f}, 6),
      of_image(ops::Softmax{}, 0),
      {{ops::Quantize{DType::int8, 0.05f, 3}, ops::Dequantize{}}, {image}, 1, 6},
      of_image(ops::AveragePool2D{{2, 3}, {2, 1}, {}}, 6),
      of_image(ops::MaxPool2D{{2, 2}, {}, {1, 0, 0, 1}}, 6),
      of_image(ops::Mean{{1, 2}, false}, 6),
      of_image(ops::Mean{{0, 2}, true}, 6),
      of_image(ops::Mean{{1, 3}, true}, 0),
      of_image(ops::Pad{{0, 1, 0, 2}, {0, 0, 3, 1}, 2.0f}, 6 + 3),
      of_image(ops::StridedSlice{{0, 1, 0, 1}, {-1, 2, -1, 3}, {1, 1, 2, 1}}, 6),
      of_image(ops::StridedSlice{{0, 1, 0, 2}, {-1, 2, -1, -1}, {1, 1, 2, 1}}, 6),
      of_image(ops::StridedSlice{{0, 0, 0, 4}, {-1, -1, -1, 4}, {1, 1, 1, -1}}, 6),
      of_image(ops::StridedSlice{{0, 0, 0, 3}, {-1, -1, -1, -1}, {1, 1, 1, -1}}, 6),
      of_image(ops::StridedSlice{{0, 0, 0, 0}, {-1, -1, -1, 2}, {1, 1, 1, 3}}, 0),
      of_image(ops::Split{3, {1, 3, 2}}, 5),  // an output of one channel keeps it
      of_image(ops::Split{1, {3, 1}}, 6),
      of_image(ops::Reshape{{2, 72}}, 6),
      of_image(ops::Reshape{{2, -1}}, 6),
      of_image(ops::Reshape{{-1, 6}}, 6),
      of_image(ops::Reshape{{2, 4, 3, 3, 2}}, 2),
      {{ops::Reshape{{2, 3, 2, 2}}}, {{2, 12}}, 1, 2},
      {{ops::Reshape{{3, 4}}}, {{2, 6}}, 1, 2},
      {{ops::Reshape{{24}}}, {{2, 12}}, 1, 12},
  };
}

std::vector<RemovalCase> removal_cases() {
  std::vector<RemovalCase> cases = cases_of_layers();
  for (const auto& more : {cases_of_two_operands(), cases_of_one_operand()})
    cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

ValueId positive_constant(Graph& graph, const Shape& shape, Random& random) {
  std::vector<float> numbers(static_cast<size_t>(element_count(shape)));
  for (float& x : numbers) x = static_cast<float>(random.uniform(0.25, 2.0));
  return add_constant(graph, "constant", shape, numbers);
}

// A dense layer of as many channels, at each position.
ValueId dense(Graph& graph, ValueId input, int32_t channels, Random& random) {
  const int32_t inputs = graph.value(input).type.shape.back();
  const ValueId weights = positive_constant(graph, {channels, inputs}, random);
  const ValueId bias = positive_constant(graph, {channels}, random);
  return add_node(graph, ops::FullyConnected{.keep_dims = true}, {input, weights, bias}, "dense");
}

// Layers make the operands, layers read what the operators make of them.
Graph graph_of(const RemovalCase& c, Random& random) {
  Graph graph;
  std::vector<ValueId> operands;
  for (size_t i = 0; i < c.operands.size(); i++) {
    Shape shape = c.operands[i];
    if (i >= c.activations) {
      operands.push_back(positive_constant(graph, shape, random));
      continue;
    }
    const int32_t channels = std::exchange(shape.back(), 3);
    graph.inputs.push_back(add_value(graph, "input", real(shape)));
    operands.push_back(dense(graph, graph.inputs.back(), channels, random));
  }
  for (const Op& op : c.ops) operands = add_outputs(graph, op, operands, "node");
  for (const ValueId id : operands) graph.outputs.push_back(dense(graph, id, 2, random));
  return graph;
}

// Makes zeros of the weights that multiply a channel.
void ignore(Graph& graph, const ChannelOf& channel) {
  const auto type_of = [&](ValueId id) { return graph.value(id).type; };
  for (const Node& node : graph.nodes) {
    if (node.inputs[0] != channel.value || node.inputs.size() < 2) continue;
    std::vector<TensorType> inputs, outputs;
    for (const ValueId id : node.inputs) inputs.push_back(type_of(id));
    for (const ValueId id : node.outputs) outputs.push_back(type_of(id));
    const auto rule = [&](size_t i) {
      return op_def(node.op).channels(node.op, inputs, outputs, {i, 0});
    };
    if (rule(1).kind != Channels::Kind::weights) continue;
    Value& weights = graph.value(node.inputs[1]);
    std::vector<float> numbers = float_data(weights);
    const std::vector<int32_t> reads =
        input_channels(rule(1), weights.type.shape, rule(0), channel_count(inputs[0].shape),
                       channel_count(outputs[0].shape));
    for (size_t k = 0; k < numbers.size(); k++)
      if (reads[k] == channel.channel) numbers[k] = 0.0f;
    weights.data = std::make_shared<const Bytes>(to_bytes<float>(numbers));
  }
}

std::vector<float> run(const Graph& graph, const std::vector<Bytes>& inputs) {
  std::vector<float> all;
  for (const Bytes& output : interpret::run(lower_for_host(graph), inputs)) {
    const std::vector<float> numbers = elements_of<float>(output);
    all.insert(all.end(), numbers.begin(), numbers.end());
  }
  return all;
}

void expect_nothing_lost(Graph graph, const std::vector<ChannelOf>& removed, Random& random) {
  for (const ChannelOf& channel : removed) ignore(graph, channel);
  const Graph smaller = remove_channels(graph, removed);
  verify(smaller, Level::imported);
  EXPECT_EQ(channels_of(smaller), channels_of(graph) - std::ssize(removed));
  const std::vector<Bytes> inputs = random_inputs(graph, random);
  const std::vector<float> expected = run(graph, inputs), actual = run(smaller, inputs);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); i++)
    EXPECT_NEAR(actual[i], expected[i], 1e-5f * std::max(1.0f, std::abs(expected[i]))) << i;
}

std::vector<ChannelGroup> removable_groups(const Graph& graph) {
  std::vector<ChannelGroup> groups = channel_groups(graph);
  std::erase_if(groups, [](const ChannelGroup& group) { return !group.removable; });
  return groups;
}

// Some groups, in any order, but of no value all.
std::vector<ChannelOf> some_groups(const Graph& graph, std::vector<ChannelGroup> groups,
                                   Random& random) {
  std::vector<int32_t> left;
  for (const Value& value : graph.values) left.push_back(channel_count(value.type.shape));
  std::vector<ChannelOf> removed;
  for (; !groups.empty(); groups.pop_back()) {
    std::swap(groups.back(), groups[random.below(groups.size())]);
    std::vector<int32_t> after = left;
    for (const ChannelOf& c : groups.back().members) after[static_cast<size_t>(c.value)]--;
    if (std::ranges::min(after) < 1 || random.below(3) == 0) continue;
    left = after;
    removed.insert(removed.end(), groups.back().members.begin(), groups.back().members.end());
  }
  return removed;
}

std::string name_of_case(const RemovalCase& c) {
  return fmt::format("{} of {}", name_of(c.ops[0]), to_string(c.operands[0]));
}

TEST(RemoveChannels, OfNobodysChannelsLosesNothing) {
  Random random(1, "remove_channels");
  for (const RemovalCase& c : removal_cases()) {
    SCOPED_TRACE(name_of_case(c));
    const Graph graph = graph_of(c, random);
    const std::vector<ChannelGroup> groups = removable_groups(graph);
    EXPECT_EQ(groups.size(), c.groups);
    for (const ChannelGroup& group : groups) expect_nothing_lost(graph, group.members, random);
    for (int i = 0; i < 5; i++)
      expect_nothing_lost(graph, some_groups(graph, groups, random), random);
  }
}

TEST(RemoveChannels, OfEveryOperatorIsTried) {
  std::set<std::string_view> tried;
  for (const RemovalCase& c : removal_cases())
    for (const Op& op : c.ops) tried.insert(name_of(op));
  for (const OpDef* def : op_defs()) EXPECT_TRUE(tried.contains(def->name)) << def->name;
}

// ---- what stays, as text

// The graph without the groups of the named channels ("a0").
std::string without(const std::string& text, const std::set<std::string>& names) {
  const Graph graph = parse(text, {}, "graph");
  std::vector<ChannelOf> removed;
  for (const ChannelGroup& group : channel_groups(graph)) {
    const auto named = [&](const ChannelOf& c) {
      return names.contains(graph.value(c.value).name + std::to_string(c.channel));
    };
    if (std::ranges::any_of(group.members, named))
      removed.insert(removed.end(), group.members.begin(), group.members.end());
  }
  return print(remove_channels(graph, removed), INT64_MAX).text;
}

TEST(RemoveChannels, CutsScalesWithTheirChannels) {
  EXPECT_EQ(without(R"(graph g
input x: int8[1, 1, 1, 2] {scale: 0.5, zero_point: 1}
  v: int8[3, 1, 1, 2] {scale: [1, 2, 3], axis: 0} = [1, 2, 3, 4, 5, 6]
  a/bias: int32[3] {scale: [0.5, 1, 1.5], axis: 0, bits: 32} = [10, 20, 30]
a: int8[1, 1, 1, 3] {scale: 4, zero_point: 2} = Conv2D(x, v, a/bias)
  d: int8[1, 1, 1, 3] {scale: [1, 2, 4], axis: 3} = [7, 8, 9]
b: int8[1, 1, 1, 3] {scale: 4, zero_point: 2} = DepthwiseConv2D(a, d)
  w: int8[1, 3] {scale: 0.25} = [1, 2, 3]
y: int8[1, 1] {scale: 8, zero_point: 3} = FullyConnected(b, w)
output y
)",
                    {"a1"}),
            R"(graph g
input x: int8[1, 1, 1, 2] {scale: 0.5, zero_point: 1}
  v: int8[2, 1, 1, 2] {scale: [1, 3], axis: 0} = [1, 2, 5, 6]
  a/bias: int32[2] {scale: [0.5, 1.5], axis: 0, bits: 32} = [10, 30]
a: int8[1, 1, 1, 2] {scale: 4, zero_point: 2} = Conv2D(x, v, a/bias)
  d: int8[1, 1, 1, 2] {scale: [1, 4], axis: 3} = [7, 9]
b: int8[1, 1, 1, 2] {scale: 4, zero_point: 2} = DepthwiseConv2D(a, d)
  w: int8[1, 2] {scale: 0.25} = [1, 3]
y: int8[1, 1] {scale: 8, zero_point: 3} = FullyConnected(b, w)
output y
)");
}

TEST(RemoveChannels, CutsMasksLikeTheirConstants) {
  EXPECT_EQ(without(R"(graph g
input x: float32[1, 2]
  v: float32[3, 2] = [1, 0, 0, 4, 5, 6] mask [1, 0, 0, 1, 1, 1]
a: float32[1, 3] = FullyConnected(x, v)
  w: float32[2, 3] = [1, 0, 3, 4, 5, 0] mask [1, 0, 1, 1, 1, 0]
b: float32[1, 2] = FullyConnected(a, w)
output b
)",
                    {"a0"}),
            R"(graph g
input x: float32[1, 2]
  v: float32[2, 2] = [0, 4, 5, 6] mask [0, 1, 1, 1]
a: float32[1, 2] = FullyConnected(x, v)
  w: float32[2, 2] = [0, 3, 5, 0] mask [0, 1, 1, 0]
b: float32[1, 2] = FullyConnected(a, w)
output b
)");
}

constexpr const char* kShared = R"(graph g
input x: float32[1, 2]
  w: float32[2, 2] = [1, 2, 3, 4]
a: float32[1, 2] = FullyConnected(x, w)
b: float32[1, 2] = FullyConnected(a, w)
c: float32[1, 2] = FullyConnected(b, w)
output c
)";

TEST(RemoveChannels, GivesEachNodeWhatItKeepsOfASharedConstant) {
  EXPECT_EQ(without(kShared, {"a0", "b1"}), R"(graph g
input x: float32[1, 2]
  w: float32[1, 2] = [3, 4]
a: float32[1, 1] = FullyConnected(x, w)
  w_1@5: float32[1, 1] = [2]
b@3: float32[1, 1] = FullyConnected(a, w_1)
  w_2@6: float32[2, 1] = [1, 3]
c@4: float32[1, 2] = FullyConnected(b, w_2)
output c
)");
}

TEST(RemoveChannels, LeavesOneConstantToThoseThatKeepTheSameOfIt) {
  EXPECT_EQ(without(R"(graph g
input x: float32[1, 1]
  v: float32[2, 1] = [1, 2]
a: float32[1, 2] = FullyConnected(x, v)
  p: float32[2] = [3, 4]
b: float32[1, 2] = BatchNorm(a, p, p, p, p)
  w: float32[1, 2] = [5, 6]
c: float32[1, 1] = FullyConnected(b, w)
output c, p
)",
                    {"a0"}),
            R"(graph g
input x: float32[1, 1]
  v: float32[1, 1] = [2]
a: float32[1, 1] = FullyConnected(x, v)
  p_1@7: float32[1] = [4]
b@4: float32[1, 1] = BatchNorm(a, p_1, p_1, p_1, p_1)
  w: float32[1, 1] = [6]
c: float32[1, 1] = FullyConnected(b, w)
  p@3: float32[2] = [3, 4]
output c, p
)");
}

TEST(RemoveChannels, TakesWholeGroupsThatMayGo) {
  const auto error_of = [](const std::vector<ChannelOf>& removed, const char* text) {
    try {
      remove_channels(parse(text, {}, "graph"), removed);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::internal);
      return error.where + ": " + error.message;
    }
    return std::string("none");
  };
  EXPECT_EQ(error_of({{0, 1}}, kShared), "value 'x': removes channel 1, which has to stay");
  EXPECT_EQ(error_of({{2, 0}, {2, 1}}, kShared), "value 'a': removes channel 0, and all others");
  EXPECT_EQ(error_of({{2, 1}}, R"(graph g
input x: float32[1, 1]
  v: float32[2, 1] = [1, 2]
a: float32[1, 2] = FullyConnected(x, v)
b: float32[1, 2] = Relu(a)
  w: float32[1, 2] = [5, 6]
c: float32[1, 1] = FullyConnected(b, w)
output c
)"),
            "value 'a': removes channel 1, but not all that go with it");
  EXPECT_EQ(error_of({}, kShared), "none");
}

}  // namespace
}  // namespace mote::passes

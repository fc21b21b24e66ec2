// Every operator's `channels` against its kernels: one channel of one operand, or one weight, is
// changed at a time, and the outputs say what depends on it.
#include "ops/channels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

struct ChannelCase {
  Op op;
  std::vector<TensorType> operands;
  size_t activations = 1;  // the first so many operands; the others are constants
  std::optional<Quantization> output = {};
};

std::vector<ChannelCase> cases_of_layers() {
  const TensorType image = real({2, 4, 5, 6});
  const auto conv = [&](const ops::Conv2D& op, const Shape& weights) {
    return ChannelCase{op, {image, real(weights), real({weights[0]})}};
  };
  const auto depthwise = [&](const ops::DepthwiseConv2D& op, int32_t outputs) {
    return ChannelCase{op, {image, real({1, 2, 3, outputs}), real({outputs})}};
  };
  const auto dense = [](const ops::FullyConnected& op, const Shape& input, const Shape& weights) {
    return ChannelCase{op, {real(input), real(weights), real({weights[0]})}};
  };
  return {
      conv({}, {4, 2, 3, 6}),
      conv({{}, {}, {1, 0, 1, 1}}, {3, 3, 3, 6}),
      conv({{2, 2}, {}, {}, 2}, {4, 1, 1, 3}),
      conv({{}, {}, {0, 1, 0, 0}, 3}, {6, 2, 1, 2}),
      conv({{}, {}, {}, 6}, {6, 1, 2, 1}),
      depthwise({}, 6),
      depthwise({{}, {}, {1, 1, 1, 1}}, 12),
      depthwise({{2, 1}, {}, {}}, 18),
      dense({}, {3, 5}, {4, 5}),
      dense({}, {2, 2, 1, 3}, {4, 6}),
      dense({.keep_dims = true}, {2, 3, 4}, {5, 4}),
      {ops::TransposeConv{{2, 1}, {}}, {image, real({4, 3, 2, 6}), real({4})}},
      {ops::TransposeConv{{}, {1, 0, 0, 1}}, {image, real({2, 2, 2, 6}), real({2})}},
      {ops::BatchNorm{}, {image, real({6}), real({6}), real({6}), real({6})}},
      {ops::BatchNorm{}, {real({3, 4}), real({4}), real({4}), real({4}), real({4})}},
  };
}

std::vector<ChannelCase> cases_of_two_operands() {
  std::vector<ChannelCase> cases;
  const auto add = [&](const Shape& a, const Shape& b) {
    cases.push_back({ops::Add{}, {real(a), real(b)}, 2});
    cases.push_back({ops::Sub{}, {real(a), real(b)}, 2});
    cases.push_back({ops::Mul{}, {real(a), real(b)}, 2});
  };
  add({2, 3, 4}, {2, 3, 4});
  add({2, 3, 2, 4}, {4});
  add({2, 1}, {3, 2, 4});
  add({2, 3, 1}, {1});
  const Quantization q = per_tensor(0.5f, 3);
  cases.push_back({ops::Add{}, {int8({2, 3, 4}, 0.25f, -7), int8({1, 1, 4}, 0.5f, 1)}, 2, q});
  return cases;
}

std::vector<ChannelCase> cases_of_one_operand() {
  const TensorType image = real({2, 4, 3, 6}), bytes = int8({2, 4, 3, 6}, 0.25f, 5);
  const TensorType wide = int16({2, 12}, 0.001f);
  return {
      {ops::Relu{}, {image}},
      {ops::Relu{}, {bytes}, 1, per_tensor(0.5f, -128)},
      {ops::Relu6{}, {image}},
      {ops::LeakyRelu{0.5f}, {real({5})}},
      {ops::Softmax{}, {real({3, 4})}},
      {ops::Softmax{}, {real({1, 2, 3, 4})}},
      {ops::Quantize{DType::int8, 0.05f, 3}, {image}},
      {ops::Dequantize{}, {bytes}},
      {ops::AveragePool2D{{2, 3}, {2, 1}, {}}, {image}},
      {ops::Mean{{1, 2}, false}, {image}},
      {ops::Mean{{0, 2}, true}, {image}},
      {ops::Mean{{3}, false}, {image}},
      {ops::Mean{{1, 3}, true}, {image}},
      {ops::MaxPool2D{{3, 1}, {1, 2}, {}}, {image}},
      {ops::MaxPool2D{{2, 2}, {}, {1, 0, 0, 1}}, {bytes}, 1, bytes.quantization},
      {ops::Pad{{0, 1, 0, 2}, {0, 0, 3, 1}}, {image}},
      {ops::Pad{{1, 0}, {0, 0}, 2.0f}, {real({2, 3})}},
      {ops::Pad{{0, 3}, {1, 0}}, {wide}, 1, wide.quantization},
      {ops::StridedSlice{{0, 1, 0, 5}, {-1, 2, -1, 3}, {1, 1, 2, -2}}, {image}},
      {ops::StridedSlice{{0, 2}, {1, 4}, {1, 3}}, {wide}, 1, wide.quantization},
      {ops::Split{3, {1, 3, 2}}, {image}},
      {ops::Split{1, {3, 1}}, {image}},
      {ops::Split{1, {6, 6}}, {wide}, 1, wide.quantization},
      {ops::Reshape{{2, 72}}, {image}},          // flattened: a channel is a set of columns
      {ops::Reshape{{2, 4, 3, 3, 2}}, {image}},  // a channel is a pair of them
      {ops::Reshape{{2, 3, 2, 2}}, {real({2, 12})}},
      {ops::Reshape{{3, 4}}, {real({2, 6})}},  // neither divides the other
      {ops::Reshape{{24}}, {wide}, 1, wide.quantization},
  };
}

std::vector<ChannelCase> channel_cases() {
  std::vector<ChannelCase> cases = cases_of_layers();
  for (const auto& more : {cases_of_two_operands(), cases_of_one_operand()})
    cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

// Positive constants: a variance must be.
std::vector<Bytes> random_operands(const ChannelCase& c, Random& random) {
  std::vector<Bytes> operands;
  for (size_t i = 0; i < c.operands.size(); i++) {
    operands.push_back(random_elements(c.operands[i], random));
    if (i < c.activations) continue;
    std::vector<float> constants = elements_of<float>(operands[i]);
    for (float& x : constants) x = std::abs(x) + 0.25f;
    operands[i] = to_bytes(std::span<const float>(constants));
  }
  return operands;
}

struct Built {
  Graph graph;
  std::vector<TensorType> outputs;
};

Built build(const ChannelCase& c, const std::vector<Bytes>& operands) {
  Built built;
  Graph& graph = built.graph;
  std::vector<ValueId> ids;
  for (size_t i = 0; i < c.operands.size(); i++)
    if (i < c.activations) {
      ids.push_back(add_value(graph, "input", c.operands[i]));
      graph.inputs.push_back(ids.back());
    } else {
      ids.push_back(add_constant(graph, "constant", c.operands[i], operands[i]));
    }
  graph.outputs = add_outputs(graph, c.op, ids, "node");
  for (const ValueId id : graph.outputs) {
    if (c.output) graph.value(id).type.quantization = c.output;
    built.outputs.push_back(graph.value(id).type);
  }
  return built;
}

// Optimized, since a BatchNorm has no kernel but becomes a layer that has one.
std::vector<Bytes> run_case(const ChannelCase& c, const std::vector<Bytes>& operands) {
  Graph graph = build(c, operands).graph;
  passes::optimize(graph);
  const Program program =
      deploy::lower(graph, deploy::host_device(), {.variants = deploy::Variants::reference});
  return interpret::run(program, std::span(operands).first(c.activations));
}

// By output: the channels that differ.
using Changed = std::vector<std::set<int32_t>>;

void compare(const Built& built, const std::vector<Bytes>& before, const std::vector<Bytes>& after,
             Changed& changed) {
  changed.resize(before.size());
  for (size_t o = 0; o < before.size(); o++) {
    const auto size = static_cast<size_t>(size_of(built.outputs[o].dtype));
    const int32_t channels = channel_count(built.outputs[o].shape);
    for (size_t byte = 0; byte < before[o].size(); byte++)
      if (before[o][byte] != after[o][byte])
        changed[o].insert(static_cast<int32_t>(byte / size) % channels);
  }
}

void replace_channel(Bytes& bytes, const Bytes& by, const TensorType& type, int32_t channel) {
  const auto size = static_cast<size_t>(size_of(type.dtype));
  const auto channels = static_cast<size_t>(channel_count(type.shape));
  for (size_t i = 0; i < bytes.size(); i++)
    if (i / size % channels == static_cast<size_t>(channel)) bytes[i] = by[i];
}

Channels rule_of(const ChannelCase& c, const Built& built, size_t operand, size_t output) {
  return op_def(c.op).channels(c.op, c.operands, built.outputs, {operand, output});
}

void check_activation_channel(const ChannelCase& c, size_t operand, int32_t channel,
                              Random& random) {
  Changed changed;
  Built built;
  for (int draw = 0; draw < 6; draw++) {
    const std::vector<Bytes> before = random_operands(c, random);
    std::vector<Bytes> after = before;
    replace_channel(after[operand], random_operands(c, random)[operand], c.operands[operand],
                    channel);
    built = build(c, before);
    compare(built, run_case(c, before), run_case(c, after), changed);
  }
  const int32_t inputs = channel_count(c.operands[operand].shape);
  for (size_t o = 0; o < changed.size(); o++) {
    const Channels rule = rule_of(c, built, operand, o);
    const int32_t outputs = channel_count(built.outputs[o].shape);
    for (int32_t k = 0; k < outputs; k++)
      EXPECT_EQ(changed[o].contains(k), depends(rule, {channel, inputs, k, outputs}))
          << "channel " << k << " of output " << o << ", changed channel " << channel
          << " of operand " << operand;
  }
}

TEST(Channels, OfActivationsAreThoseThatTheKernelsRead) {
  Random random(1, "channels");
  for (const ChannelCase& c : channel_cases()) {
    SCOPED_TRACE(fmt::format("{} of {}", name_of(c.op), to_string(c.operands[0])));
    for (size_t operand = 0; operand < c.activations; operand++)
      for (int32_t channel = 0; channel < channel_count(c.operands[operand].shape); channel++)
        check_activation_channel(c, operand, channel, random);
  }
}

// All but one channel of the input 0, or only that one.
Bytes masked(const Bytes& bytes, const TensorType& type, int32_t channel, bool only) {
  Bytes zeros(bytes.size()), result = only ? zeros : bytes;
  replace_channel(result, only ? bytes : zeros, type, channel);
  return result;
}

// What changes with constant `k` of an operand, where the input is `input`.
std::set<int32_t> changed_by(const ChannelCase& c, std::vector<Bytes> operands, size_t operand,
                             size_t k, const Bytes& input) {
  operands[0] = input;
  std::vector<Bytes> after = operands;
  reinterpret_cast<float*>(after[operand].data())[k] += 1.0f;
  Changed changed;
  compare(build(c, operands), run_case(c, operands), run_case(c, after), changed);
  return changed.at(0);
}

TEST(Channels, OfConstantsAreThoseThatTheyReach) {
  Random random(2, "channels");
  for (const ChannelCase& c : cases_of_layers()) {
    SCOPED_TRACE(fmt::format("{} of {}", name_of(c.op), to_string(c.operands[0])));
    const std::vector<Bytes> operands = random_operands(c, random);
    const Built built = build(c, operands);
    const int32_t inputs = channel_count(c.operands[0].shape);
    const int32_t outputs = channel_count(built.outputs[0].shape);
    for (size_t operand = 1; operand < c.operands.size(); operand++) {
      const Channels rule = rule_of(c, built, operand, 0);
      const Shape& shape = c.operands[operand].shape;
      const std::vector<int32_t> reached = output_channels(rule, shape);
      for (size_t k = 0; k < reached.size(); k++)
        EXPECT_EQ(changed_by(c, operands, operand, k, operands[0]), std::set{reached[k]}) << k;
      if (rule.kind != Channels::Kind::weights) continue;
      const std::vector<int32_t> read =
          input_channels(rule, shape, rule_of(c, built, 0, 0), inputs, outputs);
      for (size_t k = 0; k < read.size(); k++) {
        const auto with = [&](bool only) {
          return changed_by(c, operands, operand, k,
                            masked(operands[0], c.operands[0], read[k], only));
        };
        EXPECT_EQ(with(true), std::set{reached[k]}) << k;
        EXPECT_TRUE(with(false).empty()) << k;
      }
    }
  }
}

// Of the same numbers everywhere, a layer without a border makes the same numbers everywhere.
TEST(Channels, TheBorderIsWherePositionsDiffer) {
  Random random(3, "channels");
  for (const ChannelCase& c : cases_of_layers()) {
    SCOPED_TRACE(fmt::format("{} of {}", name_of(c.op), to_string(c.operands[0])));
    std::vector<Bytes> operands = random_operands(c, random);
    const std::vector<float> ones(operands[0].size() / sizeof(float), 1.0f);
    operands[0] = to_bytes(std::span<const float>(ones));
    const Built built = build(c, operands);
    const Channels rule = rule_of(c, built, 0, 0);
    const std::vector<float> output = elements_of<float>(run_case(c, operands)[0]);
    const auto channels = static_cast<size_t>(channel_count(built.outputs[0].shape));
    bool equal = true;
    for (size_t i = channels; i < output.size(); i++)
      equal = equal && output[i] == output[i - channels];
    EXPECT_EQ(equal, !rule.border);
  }
}

TEST(Channels, EveryOperatorIsTried) {
  std::set<std::string_view> tried;
  for (const ChannelCase& c : channel_cases()) tried.insert(name_of(c.op));
  for (const OpDef* def : op_defs()) EXPECT_TRUE(tried.contains(def->name)) << def->name;
}

}  // namespace
}  // namespace mote

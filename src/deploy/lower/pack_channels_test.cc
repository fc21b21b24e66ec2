// Which layers have the constants of their channels packed, that this never takes RAM nor more
// flash, and that nothing else changes.
#include "deploy/lower/pack_channels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deploy/lower/lower.h"
#include "deploy/storage/channels.h"
#include "deploy/storage/storage.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "runtime/weighted.h"
#include "tests/support/channel_network.h"
#include "tests/support/places.h"
#include "tests/support/small_graphs.h"

namespace mote::deploy {
namespace {

using testing::channel_network;

// A board, and one that keeps all constants as they are.
Program lowered_for(const Graph& graph, bool packs, bool keep_all_values = false) {
  Device device = host_device();
  device.packs_weights = packs;
  return lower(graph, device,
               {.variants = Variants::reference, .keep_all_values = keep_all_values});
}

// By their names.
std::vector<std::string> unpacking_layers(const Program& program) {
  std::vector<std::string> names;
  for (const Call& call : program.calls)
    if (unpacking_of(call)) names.push_back(call.origin);
  return names;
}

// The bytes of what layers have for their channels, as it is or packed.
int64_t bytes_of_channels(const Program& program) {
  int64_t bytes = 0;
  for (const ConstantBytes& call : constants_by_call(program)) bytes += call.biases + call.others;
  return bytes;
}

void expect_same_results(const Program& packed, const Program& plain) {
  for (const uint64_t seed : {1, 2}) {
    const std::vector<Bytes> inputs = testing::random_inputs(plain, seed);
    EXPECT_EQ(interpret::run(packed, inputs), interpret::run(plain, inputs));
  }
}

// large [1, 8192] -> Relu, which makes room in the arena; and x [1, 400] -> three dense layers of
// the same weights, whose scales and biases are those that are said: equal numbers are the same.
Graph network_of(const std::vector<uint64_t>& scales, const std::vector<uint64_t>& biases) {
  constexpr int32_t kChannels = 400;
  Graph graph;
  graph.name = "shared";
  const auto activation = [](Shape shape) {
    return TensorType{DType::int8, std::move(shape), per_tensor(0.1f, 3)};
  };
  graph.inputs = {add_value(graph, "large", activation({1, 8192})),
                  add_value(graph, "x", activation({1, kChannels}))};
  const ValueId relu = add_node(graph, ops::Relu{}, {graph.inputs[0]}, "relu");
  graph.value(relu).type = activation({1, 8192});
  ValueId value = graph.inputs[1];
  for (size_t i = 0; i < scales.size(); i++) {
    const std::string name = "layer" + std::to_string(i);
    Random drawn(1, "weights"), scale(scales[i], "scales"), bias(biases[i], "biases");
    std::vector<float> all;
    for (int32_t c = 0; c < kChannels; c++)
      all.push_back(static_cast<float>(scale.uniform(0.001, 0.004)));
    const ValueId w =
        add_constant(graph, name + "/w", {DType::int8, {kChannels, kChannels}, per_channel(all, 0)},
                     testing::random_integers<int8_t>(kChannels * kChannels, drawn, -127, 127));
    for (float& each : all) each *= 0.1f;
    const ValueId b =
        add_constant(graph, name + "/b", {DType::int32, {kChannels}, per_channel(all, 0, 32)},
                     testing::random_integers<int32_t>(kChannels, bias, -4000, 4000));
    value = add_node(graph, ops::FullyConnected{}, {value, w, b}, name);
    graph.value(value).type = activation({1, kChannels});
  }
  graph.outputs = {relu, value};
  verify(graph, Level::quantized);
  return graph;
}

TEST(PackChannels, OfLayersWhereTheArenaHasRoom) {
  struct Case {
    DType activations, bias;
    int64_t bytes;  // of a channel's bias, unpacked
  };
  for (const Case& c : {Case{DType::int8, DType::int32, 4}, Case{DType::int16, DType::int32, 4},
                        Case{DType::int16, DType::int64, 8}}) {
    SCOPED_TRACE(name_of(c.activations));
    const Graph graph = channel_network(c.activations, c.bias, 24, 1);
    verify(graph, Level::quantized);
    const Program packed = lowered_for(graph, true), plain = lowered_for(graph, false);
    // At `wide` all of the arena is in use.
    EXPECT_EQ(unpacking_layers(packed),
              (std::vector<std::string>{"depthwise", "pointwise", "last", "classes"}));
    EXPECT_EQ(packed.plan.peak_bytes, plain.plan.peak_bytes);
    expect_same_results(packed, plain);
    const int64_t bias_bits = c.bias == DType::int64 ? 20 : 13;
    const int64_t channels = 24 + 48 + 48 + 10;
    const int64_t least = channels * (24 + 1 + bias_bits) / 8, most = least + channels / 8 + 4 * 16;
    const int64_t others = 24 * (c.bytes + 5);
    EXPECT_GE(bytes_of_channels(packed), others + least);
    EXPECT_LE(bytes_of_channels(packed), others + most);
    EXPECT_EQ(bytes_of_channels(plain), others + channels * (c.bytes + 5));
  }
}

// As constants are counted, and where they lie.
TEST(PackChannels, TellsBiasesFromTheRest) {
  const Program program = lowered_for(channel_network(DType::int8, DType::int32, 32, 1), true);
  const std::vector<ConstantBytes> calls = constants_by_call(program);
  int64_t sum = 0;
  for (const ConstantBytes& call : calls) sum += call.sum();
  EXPECT_EQ(sum, constant_bytes(program));
  const auto last = std::ranges::find(program.calls, "last", &Call::origin);
  const ConstantBytes& bytes = calls[static_cast<size_t>(last - program.calls.begin())];
  EXPECT_EQ(bytes.values, 64 * 64);
  EXPECT_EQ(bytes.biases, 4 + 64 * 13 / 8);  // the least one, and 13 bits each
  EXPECT_EQ(bytes.others, 4 * (3 + 64 * (13 + 24 + 2) / 32 + 1) - bytes.biases);
  const Unpacking unpacking = unpacking_of(*last).value();
  EXPECT_EQ(unpacking.channels, 64);
  const auto offset_bytes = [&](size_t place) {
    EXPECT_EQ(last->operands[place].space, Space::unpacked);
    EXPECT_EQ(last->operands[place].index, unpacking.constant);
    return last->operands[place].offset_bytes - unpacking.offset_bytes;
  };
  EXPECT_EQ(offset_bytes(MOTE_BIAS), 0);
  EXPECT_EQ(offset_bytes(MOTE_INTEGER_MULTIPLIER), 4 * 64);
  EXPECT_EQ(offset_bytes(MOTE_INTEGER_SHIFT), 8 * 64);
  const auto buffer = std::ranges::find(program.plan.buffers, "last channels", &Buffer::name);
  ASSERT_NE(buffer, program.plan.buffers.end());
  EXPECT_EQ(buffer->size_bytes, 9 * 64);
  EXPECT_EQ(buffer->offset_bytes, unpacking.offset_bytes);
  EXPECT_EQ(buffer->first_use, last - program.calls.begin());
  EXPECT_EQ(buffer->last_use, buffer->first_use);
}

// To unpack takes code: a few channels stay as they are.
TEST(PackChannels, OfManyChannelsOnly) {
  for (const int32_t channels : {2, 4, 8, 12})
    EXPECT_EQ(unpacking_layers(
                  lowered_for(channel_network(DType::int8, DType::int32, channels, 1), true)),
              std::vector<std::string>());
  for (const DType dtype : {DType::int8, DType::float32})
    EXPECT_EQ(unpacking_layers(lowered_for(testing::small_graph(dtype, 1), true)),
              std::vector<std::string>());
}

// Dense layers use each weight once: where most are 0, to unpack would take long next to the rest.
// Those go first that save the most for each channel.
TEST(PackChannels, OfAsManyLayersAsTakeLittleTime) {
  Graph graph = network_of({1, 2, 3}, {1, 2, 3});
  const auto keep = [&](int64_t inputs) {
    for (Value& value : graph.values) {
      if (!value.constant() || value.type.shape.size() != 2) continue;
      Bytes few(value.data->size());
      std::copy_n(value.data->begin(), inputs * value.type.shape[0], few.begin());
      value.data = std::make_shared<const Bytes>(std::move(few));
    }
    return unpacking_layers(lowered_for(graph, true));
  };
  // Three times 400 * (400 * 8 + 20) instructions for layers, and as often 400 * 100 to unpack; and
  // with half and a quarter of the weights.
  EXPECT_EQ(keep(400).size(), 3u);
  EXPECT_EQ(keep(200).size(), 1u);
  EXPECT_EQ(keep(100).size(), 0u);
}

TEST(PackChannels, NeverTakesMoreFlashOrRam) {
  for (const int32_t channels : {4, 16, 20, 24, 28, 48})
    for (const bool keep_all_values : {false, true}) {
      const Graph graph = channel_network(DType::int8, DType::int32, channels, 7);
      const Program packed = lowered_for(graph, true, keep_all_values);
      const Program plain = lowered_for(graph, false, keep_all_values);
      const bool none = unpacking_layers(packed).empty();
      EXPECT_EQ(packed.plan.peak_bytes, plain.plan.peak_bytes);
      EXPECT_LE(constant_bytes(packed), constant_bytes(plain) - (none ? 0 : 300));
      EXPECT_EQ(packed == plain, none);
    }
  for (const char* data : {"mnist", "fashion-mnist", "cifar-10"}) {
    const std::string file = source_path(std::string("results/custom/") + data + "/int8.tflite");
    const Graph graph = passes::optimized(formats::read_model(file));
    const Program packed = lowered_for(graph, true), plain = lowered_for(graph, false);
    EXPECT_EQ(packed.plan.peak_bytes, plain.plan.peak_bytes);
    EXPECT_LT(constant_bytes(packed), constant_bytes(plain) - 300);
    expect_same_results(packed, plain);
  }
}

// What two layers read is there once as it is, and stays so.
TEST(PackChannels, LeavesWhatIsShared) {
  const auto packs = [](const std::vector<uint64_t>& scales, const std::vector<uint64_t>& biases) {
    const Graph graph = network_of(scales, biases);
    const Program packed = lowered_for(graph, true), plain = lowered_for(graph, false);
    EXPECT_LE(constant_bytes(packed), constant_bytes(plain));
    EXPECT_EQ(packed.plan.peak_bytes, plain.plan.peak_bytes);
    expect_same_results(packed, plain);
    int64_t sum = 0;
    for (const ConstantBytes& call : constants_by_call(packed)) sum += call.sum();
    EXPECT_EQ(sum, constant_bytes(packed));
    return unpacking_layers(packed);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(packs({1, 2, 3}, {1, 2, 3}), (Names{"layer0", "layer1", "layer2"}));
  EXPECT_EQ(packs({1, 1, 1}, {1, 1, 1}), Names{});
  EXPECT_EQ(packs({1, 1, 1}, {1, 2, 3}), Names{});
  EXPECT_EQ(packs({1, 2, 2, 3, 4}, {1, 2, 2, 3, 4}), (Names{"layer0", "layer3", "layer4"}));
}

}  // namespace
}  // namespace mote::deploy

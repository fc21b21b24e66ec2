#include "compress/prune/channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "autograd/network.h"
#include "base/error.h"
#include "base/random.h"
#include "evaluate/inspection.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

Graph network(const char* name) {
  Graph graph = zoo::build(name, {.input = {32, 32, 3}, .classes = 10});
  Random random(7, "biases");  // else every bias is zero
  for (Value& value : graph.values) {
    if (!value.constant() || value.type.shape.size() != 1) continue;
    std::vector<float> data = float_data(value);
    for (float& x : data) x += static_cast<float>(random.uniform(0, 0.2));
    value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
  }
  passes::optimize(graph);
  return graph;
}

std::vector<float> answers(const Graph& graph) {
  Random random(1, "pixels");
  std::vector<float> inputs(2 * 32 * 32 * 3), outputs;
  for (float& x : inputs) x = static_cast<float>(random.uniform(0, 1));
  autograd::Network(graph).run(inputs, 2, outputs);
  return outputs;
}

int64_t macs_of(const Graph& graph) {
  int64_t macs = 0;
  for (const evaluate::LayerFacts& layer : evaluate::layers_of(graph)) macs += layer.macs;
  return macs;
}

constexpr const char* kNetworks[] = {"custom",
                                     "lenet5",
                                     "resnet8",
                                     "resnet20_v2",
                                     "mobilenet_v1?width=0.25",
                                     "mobilenet_v2?width=0.35"};

// What is masked computes zeros, so that the network without it answers the same.
TEST(PruneChannels, MaskedAndRemovedAnswerTheSame) {
  for (const char* name : kNetworks) {
    for (const bool normalized : {false, true}) {
      Graph graph =
          normalized ? zoo::build(name, {.input = {32, 32, 3}, .classes = 10}) : network(name);
      prune_channels(graph, {}, {.target = Target::macs, .value = 0.6}, 1, {});
      verify(graph, Level::imported);
      const Graph small = without_masked_channels(graph);
      verify(small, Level::imported);
      EXPECT_LE(macs_of(small), 0.6 * static_cast<double>(macs_of(graph))) << name;
      EXPECT_GE(macs_of(small), 0.4 * static_cast<double>(macs_of(graph))) << name;
      const std::vector<float> expected = answers(graph), actual = answers(small);
      for (size_t i = 0; i < expected.size(); i++)
        EXPECT_NEAR(actual[i], expected[i], 1e-4 * std::max(1.0f, std::abs(expected[i]))) << name;
    }
  }
}

TEST(PruneChannels, WidthsAreMultiplesOfFour) {
  Graph graph = network("resnet8");
  prune_channels(graph, {}, {.target = Target::macs, .value = 0.5}, 1, {});
  for (const evaluate::LayerFacts& layer : evaluate::layers_of(without_masked_channels(graph)))
    if (layer.op == "Conv2D") {
      EXPECT_EQ(layer.outputs[0].shape.back() % 4, 0) << layer.name;
    }
}

TEST(PruneChannels, TheLeastImportantGo) {
  Graph graph = network("lenet5");
  const Node& first = graph.nodes[0];
  std::vector<float> weights = float_data(graph.value(first.inputs[1]));
  const size_t channels = static_cast<size_t>(graph.value(first.outputs[0]).type.shape.back());
  const size_t each = weights.size() / channels;
  for (size_t k = 0; k < each; k++) weights[2 * each + k] *= 1e-3f;  // channel 2 and its bias
  graph.value(first.inputs[1]).data =
      std::make_shared<const Bytes>(to_bytes(std::span<const float>(weights)));
  std::vector<float> bias = float_data(graph.value(first.inputs[2]));
  bias[2] = 0;
  graph.value(first.inputs[2]).data =
      std::make_shared<const Bytes>(to_bytes(std::span<const float>(bias)));
  prune_channels(graph, {.scope = Scope::layer}, {.value = 0.4}, 1, {});
  const Bytes& mask = *graph.value(graph.nodes[0].inputs[1]).mask;
  EXPECT_EQ(std::count(mask.begin() + static_cast<int64_t>(2 * each),
                       mask.begin() + static_cast<int64_t>(3 * each), 0),
            static_cast<int64_t>(each));
}

TEST(PruneChannels, EveryTargetIsReached) {
  for (const char* name : {"resnet8", "mobilenet_v1?width=0.25"}) {
    for (const Target target : {Target::macs, Target::constants, Target::ram}) {
      Graph graph = network(name);
      const evaluate::Inspection before = evaluate::inspect(graph);
      prune_channels(graph, {}, {.target = target, .value = 0.75}, 1, {});
      const evaluate::Inspection after = evaluate::inspect(without_masked_channels(graph));
      switch (target) {
        case Target::macs:
          EXPECT_LE(static_cast<double>(after.macs), 0.75 * static_cast<double>(before.macs));
          break;
        case Target::constants:
          EXPECT_LE(static_cast<double>(after.constant_bytes),
                    0.76 * static_cast<double>(before.constant_bytes));
          break;
        case Target::ram:
          EXPECT_LE(after.plan.peak_bytes, 0.78 * before.plan.peak_bytes) << name;
          break;
        case Target::sparsity:
          break;
      }
    }
  }
}

// Late layers do not live at the peak, and keep all they have.
TEST(PruneChannels, OnlyWhatLivesAtThePeakCountsForRam) {
  Graph graph = network("resnet8");
  prune_channels(graph, {}, {.target = Target::ram, .value = 0.75}, 1, {});
  const Graph small = without_masked_channels(graph);
  const auto before = evaluate::layers_of(graph), after = evaluate::layers_of(small);
  ASSERT_EQ(before.size(), after.size());
  EXPECT_LT(after.front().outputs[0].shape.back(), before.front().outputs[0].shape.back());
  const auto width_before = [&](size_t i) { return before[i].outputs[0].shape.back(); };
  for (size_t i = before.size() - 5; i < before.size(); i++)
    EXPECT_EQ(after[i].outputs[0].shape.back(), width_before(i)) << after[i].name;
}

TEST(PruneChannels, AScheduleGrowsAndKeepsWhatIsMasked) {
  Graph graph = network("resnet8");
  int64_t last = macs_of(graph);
  for (const double growth : {0.3, 0.6, 1.0}) {
    prune_channels(graph, {}, {.target = Target::macs, .value = 0.4}, growth, {});
    const int64_t macs = macs_of(without_masked_channels(graph));
    EXPECT_LT(macs, last);
    last = macs;
  }
  EXPECT_LE(static_cast<double>(last), 0.4 * static_cast<double>(macs_of(graph)));
}

// Of layers of a few channels each, multiples of 4 would all stay.
TEST(PruneChannels, NarrowNetworksHaveOtherWidths) {
  Graph graph = zoo::build("custom?width=0.1", {.input = {32, 32, 3}, .classes = 10});
  prune_channels(graph, {}, {.target = Target::macs, .value = 0.5}, 1, {});
  const Graph small = without_masked_channels(graph);
  EXPECT_LE(static_cast<double>(macs_of(small)), 0.5 * static_cast<double>(macs_of(graph)));
}

TEST(PruneChannels, SaysWhatCannotBe) {
  Graph graph = network("resnet8");
  try {
    prune_channels(graph, {}, {.target = Target::macs, .value = 1e-4}, 1, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.message.find("are left"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace mote::compress

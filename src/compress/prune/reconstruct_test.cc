#include "compress/prune/reconstruct.h"

#include <gtest/gtest.h>

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

constexpr int32_t kCount = 64;

std::vector<float> pixels(const Graph& graph) {
  Random random(1, "pixels");
  const Shape& shape = graph.value(graph.inputs[0]).type.shape;
  std::vector<float> inputs(static_cast<size_t>(kCount * element_count(shape)));
  for (float& x : inputs) x = static_cast<float>(random.uniform(0, 1));
  return inputs;
}

std::vector<float> logits(const Graph& graph, std::span<const float> inputs) {
  std::vector<float> outputs;
  autograd::Network(graph).run_logits(inputs, kCount, outputs);
  return outputs;
}

// Of one network's logits from another's, over the square of these.
double relative_error(const Graph& graph, const Graph& original, std::span<const float> inputs) {
  const std::vector<float> a = logits(graph, inputs), b = logits(original, inputs);
  double error = 0, energy = 0;
  for (size_t i = 0; i < a.size(); i++) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    energy += b[i] * b[i];
  }
  return error / energy;
}

Graph stored_network(const char* name) {
  Graph graph = zoo::build(name, {.input = {16, 16, 3}, .classes = 10, .seed = 3});
  passes::optimize(graph);
  return graph;
}

// A channel that another one repeats can go without a trace: the least squares fit hands its work
// over.
TEST(Reconstruct, HandsOverWhatOthersRepeat) {
  Graph graph = stored_network("lenet5");
  const Node& first = graph.nodes[0];
  std::vector<float> weights = float_data(graph.value(first.inputs[1]));
  const size_t each = weights.size() / 6;  // channels 2 and 3 repeat 0 and 1
  for (size_t k = 0; k < 2 * each; k++) weights[2 * each + k] = weights[k];
  graph.value(first.inputs[1]).data =
      std::make_shared<const Bytes>(to_bytes(std::span<const float>(weights)));
  const std::vector<float> inputs = pixels(graph);
  Graph pruned = graph;
  const int64_t macs = evaluate::inspect(graph).macs;
  reconstruct_channels(pruned, {.target = Target::macs, .value = 0.75}, inputs, kCount);
  verify(pruned, Level::optimized);
  const Graph small = without_masked_channels(pruned);
  EXPECT_EQ(small.value(small.nodes[0].outputs[0]).type.shape.back(), 4);
  EXPECT_LE(static_cast<double>(evaluate::inspect(small).macs), 0.75 * static_cast<double>(macs));
  EXPECT_LT(relative_error(small, graph, inputs), 1e-3);
}

TEST(Reconstruct, IsFarBetterThanLeavingOut) {
  for (const char* name : {"resnet8", "mobilenet_v2?width=0.35"}) {
    const Graph graph = stored_network(name);
    const std::vector<float> inputs = pixels(graph);
    const ChannelGoal goal{.target = Target::macs, .value = 0.75};
    Graph fitted = graph, cut = graph;
    reconstruct_channels(fitted, goal, inputs, kCount);
    prune_channels(cut, {}, goal, 1, {});
    const double error = relative_error(without_masked_channels(fitted), graph, inputs);
    EXPECT_LT(error, 0.5 * relative_error(without_masked_channels(cut), graph, inputs)) << name;
    EXPECT_LT(error, 0.3) << name;
  }
}

}  // namespace
}  // namespace mote::compress

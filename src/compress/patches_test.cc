#include "compress/patches.h"

#include <gtest/gtest.h>

#include <cmath>

#include "autograd/network.h"
#include "base/random.h"
#include "ir/node.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

// A patch times the weights is what the layer computes, before its activation.
TEST(Patches, TimesWeightsAreTheLayersOutputs) {
  for (const char* name : {"resnet8", "lenet5", "mobilenet_v1?width=0.25"}) {
    const Graph graph = zoo::build(name, {.input = {20, 24, 3}, .classes = 10});
    Random random(1, "pixels");
    std::vector<float> pixels(2 * 20 * 24 * 3);
    for (float& x : pixels) x = static_cast<float>(random.uniform(0, 1));
    std::set<ValueId> wanted;
    for (const Node& node : graph.nodes)
      if (has_patches(graph, node)) wanted.insert({node.inputs[0], node.outputs[0]});
    std::map<ValueId, std::vector<float>> values;
    autograd::Network(graph).observe(pixels, 2, wanted, [&](ValueId id, std::span<const float> v) {
      values[id].assign(v.begin(), v.end());
    });
    int32_t layers = 0;
    for (const Node& node : graph.nodes) {
      if (!has_patches(graph, node)) continue;
      layers++;
      std::vector<float> patch(patch_size(graph, node));
      const std::vector<float> weights = float_data(graph.value(node.inputs[1]));
      const size_t outputs = weights.size() / patch.size();
      const std::vector<float>& expected = values.at(node.outputs[0]);
      ASSERT_EQ(patch_count(graph, node, 2) * static_cast<int64_t>(outputs), std::ssize(expected));
      for (int64_t index = 0; index < patch_count(graph, node, 2); index += 7) {
        read_patch(graph, node, values.at(node.inputs[0]), index, patch);
        for (size_t o = 0; o < outputs; o++) {
          double sum = 0;  // the zoo's biases are zero
          for (size_t k = 0; k < patch.size(); k++)
            sum += static_cast<double>(patch[k]) * weights[o * patch.size() + k];
          EXPECT_NEAR(expected[static_cast<size_t>(index) * outputs + o], sum,
                      1e-3 * std::max(1.0, std::abs(sum)))
              << node.origin;
        }
      }
    }
    EXPECT_GT(layers, 2) << name;
  }
}

}  // namespace
}  // namespace mote::compress

#include "autograd/fake_quantization.h"

#include <gtest/gtest.h>

#include <cmath>

#include "autograd/network.h"
#include "ir/node.h"
#include "ir/text.h"

namespace mote::autograd {
namespace {

const Slot* slot_of(const Graph& graph, const Parameters& parameters, const std::string& name,
                    bool scales) {
  for (const Slot& slot : parameters.slots)
    if (graph.value(slot.value).name == name && slot.scales == scales) return &slot;
  return nullptr;
}

ValueId id_of(const Graph& graph, const std::string& name) {
  for (ValueId id = 0; id < std::ssize(graph.values); id++)
    if (graph.value(id).name == name) return id;
  ADD_FAILURE() << name;
  return kNoValue;
}

// A pool, a view and a Softmax: only what a layer makes has scales of its own to learn.
Graph tied() {
  return parse(R"(graph g
input x: float32[1, 2, 2, 1] {scale: 0.5, zero_point: -128}
  w: float32[2, 1, 1, 1] {scale: [0.25, 0.5], axis: 0, bits: 3} = [1, -0.5]
c: float32[1, 2, 2, 2] {scale: 0.1, zero_point: 3} = Conv2D(x, w, _)
p: float32[1, 1, 1, 2] {scale: 0.1, zero_point: 3} = MaxPool2D(c) {window: 2x2, stride: 2x2}
r: float32[1, 2] {scale: 0.1, zero_point: 3} = Reshape(p) {shape: [1, 2]}
y: float32[1, 2] {scale: 0.00390625, zero_point: -128} = Softmax(r)
output y
)",
               {});
}

TEST(FakeQuantization, TiesScalesAsOperatorsDo) {
  Graph graph = tied();
  const FakeQuantizations all = fake_quantizations(graph);
  const auto of = [&](const std::string& name) {
    return *all[static_cast<size_t>(id_of(graph, name))];
  };
  EXPECT_FALSE(of("x").learned);
  EXPECT_FALSE(of("y").learned);
  EXPECT_TRUE(of("w").learned);
  EXPECT_EQ(of("w").range.min, -3);
  EXPECT_EQ(of("w").range.max, 3);
  EXPECT_EQ(of("c").range.min, -128);
  for (const char* name : {"c", "p", "r"}) {
    EXPECT_TRUE(of(name).learned) << name;
    EXPECT_EQ(of(name).scale, id_of(graph, "c")) << name;
  }

  Parameters parameters = parameters_of(graph);
  ASSERT_EQ(parameters.slots.size(), 3u);  // w, its two scales, that of c
  const Slot* weights = slot_of(graph, parameters, "w", true);
  const Slot* activations = slot_of(graph, parameters, "c", true);
  ASSERT_TRUE(weights != nullptr && activations != nullptr);
  EXPECT_EQ(weights->count, 2u);
  EXPECT_FALSE(weights->decays);
  parameters.values[weights->offset] = 0.75f;
  parameters.values[activations->offset] = 0.2f;
  store(parameters, parameters.values, graph);
  EXPECT_EQ(graph.value(id_of(graph, "w")).type.quantization->scale,
            (std::vector<float>{0.75f, 0.5f}));
  for (const char* name : {"c", "p", "r"})
    EXPECT_EQ(graph.value(id_of(graph, name)).type.quantization, per_tensor(0.2f, 3)) << name;
  EXPECT_EQ(graph.value(id_of(graph, "y")).type.quantization, per_tensor(0.00390625f, -128));
}

TEST(FakeQuantization, RoundsAsIntegersDo) {
  const Graph graph = tied();
  std::vector<float> seen_input, seen_sums;
  // 0.74 / 0.5 is 1, and 1.26 / 0.5 is 3; -1 lies below what the input holds.
  const std::vector<float> inputs = {0.74f, 1.26f, -1.0f, 200.0f};
  Network(graph).observe(inputs, 1, {id_of(graph, "c")},
                         [&](ValueId, std::span<const float> numbers) {
                           seen_sums.assign(numbers.begin(), numbers.end());
                         });
  // Weights: 1 becomes 3 steps of 0.25, and -0.5 one of 0.5. At steps of 0.1 from -13.1 to 12.4.
  const std::vector<double> x = {0.5, 1.5, 0, 127.5};
  for (size_t i = 0; i < 4; i++) {
    const double first = std::min(12.4, 0.1 * std::floor(0.75 * x[i] / 0.1 + 0.5 + 1e-6));
    const double second = std::max(-13.1, -0.1 * std::floor(0.5 * x[i] / 0.1 + 0.5 + 1e-6));
    EXPECT_NEAR(seen_sums.at(2 * i), first, 1e-5) << i;
    EXPECT_NEAR(seen_sums.at(2 * i + 1), second, 1e-5) << i;
  }
}

// The cross entropy of a dense layer behind a fake-quantized sum of two, by hand: LSQ (1902.08153).
TEST(FakeQuantization, GradientsAreThoseOfLearnedSteps) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 3]
  b: float32[3] = [0, 0, 0]
h: float32[1, 3] {scale: 0.01, zero_point: -126} = Add(x, b)
  w: float32[2, 3] {scale: [0.4, 0.1], axis: 0, bits: 2} = [0.5, -0.1, 0.3, 0.04, 0.06, -0.7]
y: float32[1, 2] = FullyConnected(h, w, _)
output y
)",
                            {});
  const std::vector<double> x = {0.012, 4, -0.08};
  const std::vector<double> h = {0.01, 2.53, -0.02};       // clipped to 253 and -2 steps
  const std::vector<double> slope_h = {1 - 1.2, 253, -2};  // of each in its scale
  const double w[2][3] = {{0.4, 0, 0.4}, {0, 0.1, -0.1}};
  const double slope_w[2][3] = {{1, 0.25, 1 - 0.75}, {-0.4, 1 - 0.6, -1}};
  const bool passes_w[2][3] = {{false, true, true}, {true, true, false}};
  double y[2] = {0, 0};
  for (int o = 0; o < 2; o++)
    for (size_t k = 0; k < 3; k++) y[o] += w[o][k] * h[k];
  const double of_y0 = 1 / (1 + std::exp(y[1] - y[0]));  // label 1
  const double of_y[2] = {of_y0, -of_y0};

  const Parameters parameters = parameters_of(graph);
  std::vector<float> gradient(parameters.trainable);
  const std::vector<float> inputs(x.begin(), x.end());
  const std::vector<int32_t> labels = {1};
  Network(graph).gradient({inputs, labels}, {}, gradient);

  const Slot* weights = slot_of(graph, parameters, "w", false);
  const Slot* weight_scales = slot_of(graph, parameters, "w", true);
  const Slot* hidden_scale = slot_of(graph, parameters, "h", true);
  ASSERT_TRUE(weights && weight_scales && hidden_scale);
  double of_hidden_scale = 0;
  for (size_t o = 0; o < 2; o++) {
    double of_scale = 0;
    for (size_t k = 0; k < 3; k++) {
      const double of_w = of_y[o] * h[k];
      EXPECT_NEAR(gradient[weights->offset + 3 * o + k], passes_w[o][k] ? of_w : 0,
                  1e-5 * std::abs(of_w) + 1e-7)
          << o << k;
      of_scale += of_w * slope_w[o][k];
      of_hidden_scale += of_y[o] * w[o][k] * slope_h[k];
    }
    const double expected = of_scale / std::sqrt(3.0 * 1);  // 3 weights, up to 1 step
    EXPECT_NEAR(gradient[weight_scales->offset + o], expected, 1e-4 * std::abs(expected)) << o;
  }
  const double expected = of_hidden_scale / std::sqrt(3.0 * 253);
  EXPECT_NEAR(gradient[hidden_scale->offset], expected, 1e-4 * std::abs(expected));
}

// Where it is clipped, the surrogate's slope is the true one: finite differences see it.
TEST(FakeQuantization, ScalesOfClippedNumbersHaveTrueSlopes) {
  const auto loss_at = [](float scale, float* slope) {
    Graph graph = parse(R"(graph g
input x: float32[1, 2]
  w: float32[2, 2] {scale: [0.1, 0.1], axis: 0, bits: 3} = [5, -7, 9, 6]
y: float32[1, 2] = FullyConnected(x, w, _)
output y
)",
                        {});
    graph.value(id_of(graph, "w")).type.quantization->scale[0] = scale;
    const Parameters parameters = parameters_of(graph);
    std::vector<float> gradient(parameters.trainable);
    const std::vector<float> inputs = {0.3f, 0.8f};
    const std::vector<int32_t> labels = {1};
    const double loss = Network(graph).gradient({inputs, labels}, {}, gradient);
    *slope = gradient[slot_of(graph, parameters, "w", true)->offset];
    return loss;
  };
  float slope = 0, unused = 0;
  loss_at(0.1f, &slope);
  const double step = 1e-3;
  const double difference = (loss_at(0.1f + static_cast<float>(step), &unused) -
                             loss_at(0.1f - static_cast<float>(step), &unused)) /
                            (2 * step);
  EXPECT_NEAR(slope * std::sqrt(2.0 * 3), difference, 1e-3 * std::abs(difference));
}

}  // namespace
}  // namespace mote::autograd

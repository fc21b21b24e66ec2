#include "ops/batch_norm/batch_norm.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(BatchNorm, NamesWhatDoesNotGoTogether) {
  const TensorType c3 = real({3});
  EXPECT_EQ(inference_error(ops::BatchNorm{}, {real({2, 4, 4, 3}), c3, c3, c3, c3}), "none");
  EXPECT_EQ(inference_error(ops::BatchNorm{}, {real({2, 3}), c3, c3, real({2}), c3}),
            "gamma, beta, mean or variance is float32[2] for an input float32[2, 3]");
  EXPECT_EQ(inference_error(ops::BatchNorm{}, {int8({2, 3}, 1.0f, 0), c3, c3, c3, c3}),
            "normalizes int8[2, 3] {scale: 1, zero_point: 0}");
}

// The five operands of a batch norm: an input of the graph and four constants.
struct Case {
  Graph graph;
  std::vector<std::vector<float>> parameters;  // gamma, beta, mean, variance
};

Case random_case(const Shape& shape, float epsilon, Random& random) {
  Case result;
  Graph& graph = result.graph;
  graph.inputs = {add_value(graph, "input", real(shape))};
  std::vector<ValueId> operands = graph.inputs;
  for (const char* name : {"gamma", "beta", "mean", "variance"}) {
    std::vector<float> data(static_cast<size_t>(shape.back()));
    for (float& x : data) x = static_cast<float>(random.uniform(name[0] == 'v' ? 0.0 : -2.0, 2.0));
    operands.push_back(add_constant(graph, name, Shape{shape.back()}, data));
    result.parameters.push_back(data);
  }
  graph.outputs = {add_node(graph, ops::BatchNorm{epsilon}, operands, "node")};
  return result;
}

TEST(BatchNorm, ComputesTheFormula) {
  Random random(1, "batch_norm");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const Shape shape = random_shape(1 + random.below(4), 6, random);
    const Case c = random_case(shape, 1e-2f, random);
    const auto inputs = random_inputs(c.graph, random);
    const auto x = elements_of<float>(inputs[0]);
    expect_computes<float>(
        c.graph, inputs,
        [&](size_t e) {
          const size_t channel = e % static_cast<size_t>(shape.back());
          const auto parameter = [&](size_t p) -> double { return c.parameters[p][channel]; };
          return (x[e] - parameter(2)) / std::sqrt(parameter(3) + 1e-2f) * parameter(0) +
                 parameter(1);
        },
        2e-5);
  }
}

TEST(BatchNorm, HasNoPlaceInQuantizedGraphs) {
  Random random(2, "batch_norm");
  const Case c = random_case({1, 2, 2, 3}, 1e-3f, random);
  EXPECT_NO_THROW(verify(c.graph, Level::imported));
  EXPECT_THROW(verify(c.graph, Level::quantized), Error);
}

TEST(BatchNorm, LearnsGammaAndBeta) {
  Random random(3, "batch_norm");
  const Case c = random_case({1, 2, 2, 3}, 1e-3f, random);
  const OpDef& def = definition<ops::BatchNorm>();
  const TensorType& output = c.graph.value(c.graph.outputs[0]).type;
  EXPECT_EQ(def.cost(c.graph.nodes[0].op, {}, std::vector{output}).parameters, 6);
  EXPECT_EQ(def.trainable_inputs, (std::vector<int32_t>{1, 2}));
}

}  // namespace
}  // namespace mote

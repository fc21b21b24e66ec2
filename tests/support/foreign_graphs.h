// Views of models in somebody else's format, for the tests of the containers and of import.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ir/foreign_node.h"
#include "ir/node.h"

namespace mote::testing {

inline int32_t add_foreign(ForeignGraph& graph, std::string name, TensorType type,
                           std::shared_ptr<const Bytes> data = nullptr) {
  graph.values.push_back({std::move(name), std::move(type), std::move(data), Layout::nhwc});
  return static_cast<int32_t>(graph.values.size() - 1);
}

template <class T>
std::shared_ptr<const Bytes> foreign_data(const std::vector<T>& elements) {
  return std::make_shared<const Bytes>(to_bytes(std::span<const T>(elements)));
}

// int8 [1, 4, 4, 2] -> CONV_2D with three output channels -> RESHAPE [1, 48] -> SOFTMAX.
inline ForeignGraph small_classifier() {
  ForeignGraph g;
  g.name = "small";
  const auto int8 = [](Shape shape, float scale, int32_t zero_point) {
    return TensorType{DType::int8, std::move(shape), per_tensor(scale, zero_point)};
  };
  const int32_t image = add_foreign(g, "image", int8({1, 4, 4, 2}, 0.5f, -128));
  const TensorType weight_type{DType::int8, {3, 3, 3, 2}, per_channel({0.1f, 0.2f, 0.3f}, 0)};
  std::vector<int8_t> weight_data(54);
  for (size_t i = 0; i < weight_data.size(); i++) weight_data[i] = static_cast<int8_t>(5 * i - 127);
  const int32_t weights = add_foreign(g, "weights", weight_type, foreign_data(weight_data));
  const TensorType bias_type{DType::int32, {3}, per_channel({0.05f, 0.1f, 0.15f}, 0, 32)};
  const int32_t bias =
      add_foreign(g, "bias", bias_type, foreign_data(std::vector<int32_t>{100, -200, 300}));
  const int32_t features = add_foreign(g, "features", int8({1, 4, 4, 3}, 2.0f, 3));
  const int32_t shape =
      add_foreign(g, "shape", {DType::int32, {2}, {}}, foreign_data(std::vector<int32_t>{1, 48}));
  const int32_t flat = add_foreign(g, "flat", int8({1, 48}, 2.0f, 3));
  const int32_t classes = add_foreign(g, "classes", int8({1, 48}, 1.0f / 256, -128));

  g.nodes.push_back({"CONV_2D",
                     "",
                     3,
                     {{"padding", "SAME"},
                      {"stride_w", 1},
                      {"stride_h", 1},
                      {"fused_activation_function", "RELU6"},
                      {"dilation_w_factor", 1},
                      {"dilation_h_factor", 1},
                      {"quantized_bias_type", "FLOAT32"}},
                     {image, weights, bias},
                     {features},
                     "features"});
  g.nodes.push_back({"RESHAPE",
                     "",
                     1,
                     {{"new_shape", std::vector<int64_t>{1, 48}}},
                     {features, shape},
                     {flat},
                     "flat"});
  g.nodes.push_back({"SOFTMAX", "", 2, {{"beta", 1.0}}, {flat}, {classes}, "classes"});
  g.inputs = {image};
  g.outputs = {classes};
  return g;
}

inline void expect_same(const ForeignGraph& a, const ForeignGraph& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(a.preprocessing, b.preprocessing);
  EXPECT_EQ(a.labels, b.labels);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (size_t i = 0; i < a.values.size(); i++) {
    const ForeignValue &v = a.values[i], &w = b.values[i];
    EXPECT_EQ(v.name, w.name);
    EXPECT_EQ(v.type, w.type) << v.name;
    ASSERT_EQ(v.data == nullptr, w.data == nullptr) << v.name;
    if (v.data) {
      EXPECT_EQ(*v.data, *w.data) << v.name;
    }
  }
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (size_t i = 0; i < a.nodes.size(); i++) {
    const ForeignNode &n = a.nodes[i], &m = b.nodes[i];
    EXPECT_EQ(n.type, m.type) << n.name;
    EXPECT_EQ(n.version, m.version) << n.name;
    EXPECT_EQ(n.attributes, m.attributes) << n.name;
    EXPECT_EQ(n.inputs, m.inputs) << n.name;
    EXPECT_EQ(n.outputs, m.outputs) << n.name;
    EXPECT_EQ(n.name, m.name);
  }
}

}  // namespace mote::testing

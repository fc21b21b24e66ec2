#include "ops/pad/pad.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Pad, AddsTheBordersToTheShape) {
  const ops::Pad op{{1, 0, 2}, {0, 3, 1}};
  EXPECT_EQ(op_def(op).infer(op, std::vector{real({2, 3, 4})}).at(0).shape, (Shape{3, 6, 7}));
}

TEST(Pad, NamesWhatDoesNotGoTogether) {
  EXPECT_EQ(inference_error(ops::Pad{{1}, {1}}, {real({2, 3})}),
            "pads [2, 3] by [1] before and [1] after; ranks 1 to 4 do");
  EXPECT_EQ(inference_error(ops::Pad{{0, -1}, {0, 0}}, {real({2, 3})}),
            "pads [2, 3] by [0, -1] before and [0, 0] after");
  EXPECT_EQ(inference_error(ops::Pad{{0, 2147483647}, {0, 0}}, {real({2, 3})}),
            "pads [2, 3] by [0, 2147483647] before and [0, 0] after");
}

ops::Pad random_pad(size_t rank, Random& random) {
  ops::Pad pad;
  for (size_t d = 0; d < rank; d++) {
    pad.before.push_back(static_cast<int32_t>(random.below(3)));
    pad.after.push_back(static_cast<int32_t>(random.below(3)));
  }
  return pad;
}

// The input's element that an element of the output is, or -1 in the border.
int64_t source(size_t element, const ops::Pad& pad, const Shape& output, const Shape& input) {
  std::vector<int64_t> position = position_of(static_cast<int64_t>(element), output);
  for (size_t d = 0; d < position.size(); d++) {
    position[d] -= pad.before[d];
    if (position[d] < 0 || position[d] >= input[d]) return -1;
  }
  return static_cast<int64_t>(element_at(position, input));
}

template <class T>
void expect_pads(const ops::Pad& pad, const TensorType& input, double border, Random& random) {
  const Graph graph = node_graph(pad, {input}, input.quantization);
  const Shape& output = graph.value(graph.outputs[0]).type.shape;
  const auto inputs = random_inputs(graph, random);
  const auto x = elements_of<T>(inputs[0]);
  expect_computes<T>(graph, inputs, [&](size_t e) -> double {
    const int64_t from = source(e, pad, output, input.shape);
    return from < 0 ? border : x[static_cast<size_t>(from)];
  });
}

TEST(Pad, KeepsTheElementsAndFillsTheBorder) {
  Random random(1, "pad");
  for (int i = 0; i < 80; i++) {
    SCOPED_TRACE(i);
    const size_t rank = 1 + random.below(4);
    ops::Pad pad = random_pad(rank, random);
    const Shape shape = random_shape(rank, 5, random);
    const int32_t zero_point = random_zero_point(random);
    const TensorType integers = int8(shape, random_scale(random), zero_point);
    expect_pads<float>(pad, real(shape), 0.0, random);
    expect_pads<int8_t>(pad, integers, zero_point, random);

    const TensorType wide = int16(shape, random_scale(random));
    expect_pads<int16_t>(pad, wide, 0, random);

    const int32_t border = random_zero_point(random);  // any int8
    pad.value = integers.quantization->scale[0] * static_cast<float>(border - zero_point);
    expect_pads<float>(pad, real(shape), pad.value, random);
    expect_pads<int8_t>(pad, integers, border, random);
    pad.value = wide.quantization->scale[0] * 300.0f;
    expect_pads<int16_t>(pad, wide, 300, random);
  }
}

TEST(Pad, IsPadOrPadV2InTflite) {
  ops::Pad pad{{0, 1}, {2, 0}};
  const TensorType integers = int8({2, 3}, 0.5f, 7);
  expect_tflite(node_graph(pad, {real({2, 3})}), "PAD", 1);
  expect_tflite(node_graph(pad, {integers}, integers.quantization), "PAD", 2);
  const TensorType wide = int16({2, 3}, 0.5f);
  expect_tflite(node_graph(pad, {wide}, wide.quantization), "PAD", 3);
  pad.value = -4.5f;
  expect_tflite(node_graph(pad, {real({2, 3})}), "PADV2", 1);
  expect_tflite(node_graph(pad, {integers}, integers.quantization), "PADV2", 2);
  pad.value = -1000.5f;
  expect_tflite(node_graph(pad, {wide}, wide.quantization), "PADV2", 3);
}

}  // namespace
}  // namespace mote

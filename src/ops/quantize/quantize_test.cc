#include "ops/quantize/quantize.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ops/requantization.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Quantize, DeterminesTheQuantizationOfItsOutput) {
  const ops::Quantize op{DType::int8, 0.5f, 3};
  const TensorType output = op_def(op).infer(op, std::vector{real({2, 5})}).at(0);
  EXPECT_EQ(output, int8({2, 5}, 0.5f, 3));
  EXPECT_EQ(inference_error(ops::Quantize{DType::float32, 1.0f, 0}, {real({2})}),
            "quantizes to float32; int8, uint8, int16 and int32 do");
  EXPECT_EQ(inference_error(ops::Quantize{DType::int8, 0.0f, 0}, {real({2})}), "scale 0");
}

TEST(Quantize, RoundsRealsToTheNearest) {
  Random random(1, "quantize");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const ops::Quantize op{DType::int8, random_scale(random), random_zero_point(random)};
    const Graph graph = node_graph(op, {real(random_shape(1 + random.below(4), 8, random))});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<float>(inputs[0]);
    expect_computes<int8_t>(graph, inputs, [&](size_t e) {
      const auto steps = static_cast<double>(x[e] / op.scale);
      return std::clamp(std::round(steps) + op.zero_point, -128.0, 127.0);
    });
  }
}

TEST(Quantize, RoundsTiesAwayFromZeroAndSaturates) {
  const Graph graph = node_graph(ops::Quantize{DType::int8, 2.0f, 1}, {real({7})});
  const std::vector<float> x = {1.0f, -1.0f, 3.0f, -3.0f, 1e30f, -1e30f, 0.999f};
  const Bytes output = run_node(graph, {{to_bytes(std::span<const float>(x))}});
  EXPECT_EQ(elements_of<int8_t>(output), (std::vector<int8_t>{2, 0, 3, -1, 127, -128, 1}));
}

TEST(Quantize, RescalesIntegers) {
  Random random(2, "quantize");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const float scale = random_scale(random);
    const int32_t zero_point = random_zero_point(random);
    const ops::Quantize op{DType::int8, scale * random_scale(random, -2.0, 2.0),
                           random_zero_point(random)};
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(op, {int8(shape, scale, zero_point)});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    const mote_multiplier m = mote_quantize_multiplier(static_cast<double>(scale) / op.scale);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const auto value = static_cast<double>(naive_rescale(x[e] - zero_point, m, rounding));
        return std::clamp(value + op.zero_point, -128.0, 127.0);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Quantize, RoundsRealsToInt16) {
  const Graph graph = node_graph(ops::Quantize{DType::int16, 2.0f, 0}, {real({7})});
  const std::vector<float> x = {1.0f, -1.0f, 3000.0f, -3001.0f, 1e30f, -1e30f, 0.999f};
  const Bytes output = run_in_every_way(graph, {to_bytes(std::span<const float>(x))});
  EXPECT_EQ(elements_of<int16_t>(output),
            (std::vector<int16_t>{1, -1, 1500, -1501, 32767, -32768, 0}));
}

// How many steps of int8 fit into one of the type.
double coarseness(DType type) {
  return type == DType::int32 ? 0x1p-16 : (type == DType::int16 ? 0x1p-8 : 1.0);
}

// From a random scale of `from` to one of `to` that has about the same range.
void expect_rescales(DType from, DType to, Random& random) {
  const auto zero_point = [&](DType type) {
    if (type == DType::uint8) return random_zero_point(random) + 128;
    return type == DType::int8 ? random_zero_point(random) : 0;
  };
  const Quantization q = per_tensor(random_scale(random), zero_point(from));
  const auto scale = static_cast<float>(q.scale[0] * coarseness(to) / coarseness(from));
  // Steps of int32 cannot become finer: they fill 32 bits.
  const double least = from == DType::int32 ? 0.1 : -2.0;
  const ops::Quantize op{to, scale * random_scale(random, least, 2.0), zero_point(to)};
  const Graph graph = node_graph(op, {{from, random_shape(1 + random.below(4), 8, random), q}});
  const std::vector<Bytes> inputs = random_inputs(graph, random);
  const mote_multiplier m = mote_quantize_multiplier(static_cast<double>(q.scale[0]) / op.scale);
  const Range range = integer_range(to);
  for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
    const Bytes output = run_in_every_way(graph, inputs, {.rounding = rounding});
    const auto elements =
        static_cast<size_t>(element_count(graph.value(graph.inputs[0]).type.shape));
    for (size_t e = 0; e < elements; e++) {
      const int64_t x = integer_at(inputs[0], from, e) - q.zero_point[0];
      const int64_t y = naive_rescale(x, m, rounding) + op.zero_point;
      ASSERT_EQ(integer_at(output, to, e), std::clamp<int64_t>(y, range.min, range.max)) << e;
    }
  }
}

TEST(Quantize, RescalesBetweenAllIntegers) {
  constexpr DType kTypes[] = {DType::int8, DType::uint8, DType::int16, DType::int32};
  Random random(3, "quantize");
  for (int i = 0; i < 20; i++)
    for (const DType from : kTypes)
      for (const DType to : kTypes) {
        SCOPED_TRACE(fmt::format("{}: {} to {}", i, name_of(from), name_of(to)));
        if (from != DType::int32 || to != DType::int32) expect_rescales(from, to, random);
      }
}

// TFLite's converter puts these at the ports of an int8 network: q + 128 and q - 128.
TEST(Quantize, BetweenInt8AndUint8IsAShiftBy128) {
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < all.size(); i++) all[i] = static_cast<uint8_t>(i);
  const TensorType unsigned_type = {DType::uint8, {256}, per_tensor(0.3f, 131)};
  const Graph in = node_graph(ops::Quantize{DType::int8, 0.3f, 3}, {unsigned_type});
  const Bytes shifted = run_in_every_way(in, {all});
  for (size_t i = 0; i < all.size(); i++)
    ASSERT_EQ(static_cast<int8_t>(shifted[i]), static_cast<int32_t>(i) - 128);
  const Graph out = node_graph(ops::Quantize{DType::uint8, 0.3f, 131}, {int8({256}, 0.3f, 3)});
  EXPECT_EQ(run_in_every_way(out, {shifted}), all);
}

TEST(Quantize, RoundsRealsToUint8) {
  const Graph graph = node_graph(ops::Quantize{DType::uint8, 2.0f, 100}, {real({6})});
  const std::vector<float> x = {1.0f, -1.0f, 300.0f, -300.0f, 1e30f, 0.999f};
  EXPECT_EQ(run_in_every_way(graph, {to_bytes(std::span<const float>(x))}),
            (Bytes{101, 99, 250, 0, 255, 100}));
}

TEST(Quantize, RescalesInt32ToWhatIsCoarser) {
  const TensorType input = {DType::int32, {4}, per_tensor(1e-6f, 0, 32)};
  const Graph graph = node_graph(ops::Quantize{DType::int16, 1e-2f, 0}, {input});
  const std::vector<int32_t> x = {INT32_MIN, -15000, 14999, INT32_MAX};
  const Bytes output = run_in_every_way(graph, {to_bytes(std::span<const int32_t>(x))});
  EXPECT_EQ(elements_of<int16_t>(output), (std::vector<int16_t>{-32768, -2, 1, 32767}));
  EXPECT_THROW(NodeRun(node_graph(ops::Quantize{DType::int32, 1e-2f, 0}, {input}), {}), Error);
  EXPECT_THROW(NodeRun(node_graph(ops::Quantize{DType::int16, 1e-7f, 0}, {input}), {}), Error);
}

// Nothing else takes such types: that is said as unsupported, since the file is valid.
TEST(Quantize, Uint8AndInt32AreForPortsAlone) {
  for (const DType dtype : {DType::uint8, DType::int32}) {
    try {
      check_activation({dtype, {2}, per_tensor(1.0f, 0)}, "input");
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::unsupported);
    }
  }
}

TEST(Quantize, IsQuantizeInTflite) {
  const ops::Quantize op{DType::int8, 0.5f, 3};
  expect_tflite(node_graph(op, {real({2, 3})}), "QUANTIZE", 1);
  expect_tflite(node_graph(op, {int8({2, 3}, 0.25f, 2)}), "QUANTIZE", 1);
  const ops::Quantize wide{DType::int16, 0.5f, 0};
  expect_tflite(node_graph(wide, {real({2, 3})}), "QUANTIZE", 2);
}

}  // namespace
}  // namespace mote

#include "ops/requantization.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(ActivationRange, StandsForTheRealsThatPass) {
  const TensorType type = int8({1}, 0.1f, 10);
  const auto range = [&](Activation activation) {
    const Range found = activation_range(activation, type);
    return std::pair(found.min, found.max);
  };
  EXPECT_EQ(range(Activation::none), std::pair(-128, 127));
  EXPECT_EQ(range(Activation::relu), std::pair(10, 127));
  EXPECT_EQ(range(Activation::relu6), std::pair(10, 70));
  EXPECT_EQ(range(Activation::relu_n1_to_1), std::pair(0, 20));
}

TEST(ActivationRange, StaysWithinTheType) {
  const Range range = activation_range(Activation::relu6, int8({1}, 0.01f, -100));
  EXPECT_EQ(range.min, -100);
  EXPECT_EQ(range.max, 127);
}

TEST(ActivationRange, OfFloatsIsFinite) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  EXPECT_EQ(activation_range(Activation::none).min, -kLargest);
  EXPECT_EQ(activation_range(Activation::none).max, kLargest);
  EXPECT_EQ(activation_range(Activation::relu6).min, 0.0f);
  EXPECT_EQ(activation_range(Activation::relu6).max, 6.0f);
}

std::string objection(const TensorType& type) {
  try {
    check_activation(type, "input");
  } catch (const Error& error) {
    return error.message;
  }
  return "none";
}

TEST(CheckActivation, SaysWhatIsWrong) {
  EXPECT_EQ(objection(real({2})), "none");
  EXPECT_EQ(objection(int8({2}, 0.5f, -128)), "none");
  EXPECT_EQ(objection({DType::int8, {2}, {}}), "input: int8[2] has no scale");
  EXPECT_EQ(objection({DType::int32, {2}, {}}), "input: int32[2], int8 or int16 expected");
  EXPECT_EQ(objection({DType::int8, {2}, per_channel({1.0f, 2.0f}, 0)}),
            "input: int8[2] {axis: 0, scales: 2} is not quantized per tensor");
  EXPECT_EQ(objection(int8({2}, 0.5f, 128)),
            "input: int8[2] {scale: 0.5, zero_point: 128} has a zero point outside of its type");
  EXPECT_EQ(objection({DType::int16, {2}, per_tensor(0.5f, 0)}), "none");
  EXPECT_EQ(
      objection({DType::int16, {2}, per_tensor(0.5f, 1)}),
      "input: int16[2] {scale: 0.5, zero_point: 1} has a zero point other than 0, which int16 "
      "has not");
  EXPECT_EQ(objection(int8({2}, 0.0f, 0)),
            "input: int8[2] {scale: 0, zero_point: 0} has a scale that is not positive");
}

// `lower` may see graphs that nobody has verified as quantized: kernels are safe from them, too.
TEST(ScaleAndZeroPoint, AreChecked) {
  EXPECT_EQ(scale_of(int8({2}, 0.5f, -128)), 0.5f);
  EXPECT_EQ(zero_point_of(int8({2}, 0.5f, -128)), -128);
  EXPECT_THROW(scale_of(real({2})), Error);
  EXPECT_THROW(scale_of(int8({2}, 0.0f, 0)), Error);
  EXPECT_THROW(zero_point_of(int8({2}, 0.5f, 2147483647)), Error);
}

TEST(CheckSameQuantization, ComparesScaleAndZeroPoint) {
  EXPECT_NO_THROW(check_same_quantization(int8({2}, 0.5f, 1), int8({3}, 0.5f, 1)));
  EXPECT_THROW(check_same_quantization(int8({2}, 0.5f, 1), int8({2}, 0.5f, 2)), Error);
  EXPECT_THROW(check_same_quantization(int8({2}, 0.5f, 1), int8({2}, 0.6f, 1)), Error);
  EXPECT_NO_THROW(check_same_quantization(real({2}), real({2})));
}

}  // namespace
}  // namespace mote

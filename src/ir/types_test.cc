#include "ir/types.h"

#include <gtest/gtest.h>

#include "base/error.h"

#include <limits>

namespace mote {
namespace {

TEST(DType, NamesAndSizes) {
  EXPECT_EQ(name_of(DType::float32), "float32");
  EXPECT_EQ(name_of(DType::boolean), "boolean");
  EXPECT_EQ(parse_dtype("int16"), DType::int16);
  EXPECT_EQ(parse_dtype("int128"), std::nullopt);
  EXPECT_EQ(size_of(DType::float16), 2);
  EXPECT_EQ(size_of(DType::int64), 8);
  EXPECT_EQ(c_type_of(DType::int8), "int8_t");
}

TEST(Shape, CountsAndPrints) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({65536, 65536}), int64_t{1} << 32);
  EXPECT_EQ(to_string(Shape{1, 32, 32, 3}), "[1, 32, 32, 3]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(TensorType, PrintsForPeople) {
  EXPECT_EQ(to_string(TensorType{DType::float32, {2}, {}}), "float32[2]");
  EXPECT_EQ(to_string(TensorType{DType::int8, {1, 10}, per_tensor(0.1f, -128)}),
            "int8[1, 10] {scale: 0.1, zero_point: -128}");
  EXPECT_EQ(to_string(TensorType{DType::int8, {2, 3}, per_channel({1, 2}, 0)}),
            "int8[2, 3] {axis: 0, scales: 2}");
  EXPECT_EQ(byte_size({DType::int32, {2, 3}, {}}), 24);
}

TEST(Quantization, ChannelsAreSymmetric) {
  const Quantization q = per_channel({0.5f, 0.25f}, 3, 4);
  EXPECT_TRUE(q.per_channel());
  EXPECT_EQ(q.zero_point, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(q.bits, 4);
  EXPECT_FALSE(per_tensor(1.0f, 0).per_channel());
}

TEST(Ranges, OfIntegersAndOfNarrowWeights) {
  EXPECT_EQ(integer_range(DType::int8).min, -128);
  EXPECT_EQ(integer_range(DType::uint8).max, 255);
  EXPECT_EQ(weight_range(8).min, -127);
  EXPECT_EQ(weight_range(2).max, 1);
}

TEST(Activation, LimitsReals) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(range_of(Activation::none).min, -infinity);
  EXPECT_EQ(range_of(Activation::relu).min, 0.0f);
  EXPECT_EQ(range_of(Activation::relu).max, infinity);
  EXPECT_EQ(range_of(Activation::relu6).max, 6.0f);
  EXPECT_EQ(range_of(Activation::relu_n1_to_1).min, -1.0f);
  for (Activation a :
       {Activation::none, Activation::relu, Activation::relu6, Activation::relu_n1_to_1})
    EXPECT_EQ(parse_activation(name_of(a)), a);
  EXPECT_EQ(parse_activation("tanh"), std::nullopt);
}

// Against counting the positions one by one.
TEST(Window, CountsPositions) {
  for (int32_t input = 1; input < 9; input++)
    for (int32_t window = 1; window < 4; window++)
      for (int32_t stride = 1; stride < 4; stride++)
        for (int32_t dilation = 1; dilation < 3; dilation++)
          for (int32_t before = 0; before < 3; before++)
            for (int32_t after = 0; after < 3; after++) {
              int32_t count = 0;
              for (int32_t first = -before; first + (window - 1) * dilation < input + after;
                   first += stride)
                count++;
              EXPECT_EQ(window_count(input, window, stride, dilation, before, after), count);
            }
}

TEST(Window, SizesThatWouldOverflow) {
  EXPECT_EQ(window_count(4, INT32_MAX, 1, INT32_MAX, 0, 0), 0);
  EXPECT_EQ(window_count(INT32_MAX, 1, INT32_MAX, 1, INT32_MAX, INT32_MAX), 3);
}

// TensorFlow's SAME: ceil(input / stride) positions, the odd element of padding at the end.
TEST(Window, PadsTheSame) {
  EXPECT_EQ(same_padding({5, 6}, {3, 3}, {2, 2}, {1, 1}), (Padding{1, 1, 0, 1}));
  EXPECT_EQ(same_padding({32, 32}, {1, 1}, {2, 2}, {1, 1}), Padding{});
  EXPECT_EQ(same_padding({7, 7}, {3, 2}, {1, 1}, {2, 1}), (Padding{2, 2, 0, 1}));
  for (int32_t input = 1; input < 20; input++)
    for (int32_t stride = 1; stride < 4; stride++) {
      const Padding p = same_padding({input, 1}, {3, 1}, {stride, 1}, {1, 1});
      EXPECT_EQ(window_count(input, 3, stride, 1, p.top, p.bottom), (input + stride - 1) / stride);
    }
}

TEST(Types, SizesThatWouldOverflowAreRefusedWithTheLimit) {
  EXPECT_EQ(element_count({1 << 20, 1 << 20}), kMaxElements);
  EXPECT_EQ(byte_size({DType::int64, {1 << 20, 1 << 20}, {}}), 8 * kMaxElements);
  for (const Shape& shape : {Shape{1 << 20, 1 << 20, 2}, Shape{INT32_MAX, INT32_MAX, INT32_MAX},
                             Shape{1 << 30, 1 << 30, 1 << 30, 1 << 30, 16}}) {
    try {
      byte_size({DType::int8, shape, {}});
      FAIL() << "accepted " << to_string(shape);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::unsupported);
      EXPECT_NE(error.message.find("more than 1099511627776 elements"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace mote

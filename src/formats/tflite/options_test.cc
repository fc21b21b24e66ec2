#include "formats/tflite/options.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::formats::tflite {
namespace {

Attributes written_and_read(std::string_view type, const Attributes& attributes) {
  flatbuffers::FlatBufferBuilder builder;
  const Options options = write_options(builder, type, attributes);
  builder.Finish(CreateOperator(builder, 0, 0, 0, options.type, options.table));
  flatbuffers::Verifier verifier(builder.GetBufferPointer(), builder.GetSize());
  EXPECT_TRUE(verifier.VerifyBuffer<Operator>(nullptr));
  return read_options(*flatbuffers::GetRoot<Operator>(builder.GetBufferPointer()));
}

TEST(Options, EveryKindOfFieldComesBack) {
  const std::pair<const char*, Attributes> cases[] = {
      {"CONV_2D",
       {{"padding", "VALID"},
        {"stride_w", 2},
        {"stride_h", 3},
        {"fused_activation_function", "RELU_N1_TO_1"},
        {"dilation_w_factor", 1},
        {"dilation_h_factor", 4},
        {"quantized_bias_type", "INT64"}}},
      {"SOFTMAX", {{"beta", 0.5}}},
      {"RESHAPE", {{"new_shape", std::vector<int64_t>{1, -1}}}},
      {"BUCKETIZE", {{"boundaries", std::vector<double>{-0.5, 1e20f}}}},
      {"VAR_HANDLE", {{"container", "c"}, {"shared_name", ""}}},
      {"RANDOM_UNIFORM", {{"seed", int64_t{1} << 40}, {"seed2", -1}}},
      {"ADD", {{"fused_activation_function", "NONE"}, {"pot_scale_int16", 0}}},
      {"AVERAGE_POOL_2D",
       {{"padding", "SAME"},
        {"stride_w", 1},
        {"stride_h", 1},
        {"filter_width", 2},
        {"filter_height", 3},
        {"fused_activation_function", "RELU6"}}},
      {"RELU", {}},
      {"PAD", {}},
  };
  for (const auto& [type, attributes] : cases)
    EXPECT_EQ(written_and_read(type, attributes), attributes) << type;
}

TEST(Options, WhatIsLeftOutIsTheFormatsDefault) {
  const Attributes attributes = written_and_read("CONV_2D", {{"stride_w", 5}});
  const Attributes expected = {{"padding", "SAME"},
                               {"stride_w", 5},
                               {"stride_h", 0},
                               {"fused_activation_function", "NONE"},
                               {"dilation_w_factor", 1},
                               {"dilation_h_factor", 1},
                               {"quantized_bias_type", "FLOAT32"}};
  EXPECT_EQ(attributes, expected);
}

TEST(Options, RefusesWhatTheTableDoesNotHave) {
  flatbuffers::FlatBufferBuilder builder;
  EXPECT_THROW(write_options(builder, "CONV_2D", {{"stride", 1}}), Error);
  EXPECT_THROW(write_options(builder, "RELU", {{"alpha", 1.0}}), Error);
  EXPECT_THROW(write_options(builder, "CONV_2D", {{"padding", "FULL"}}), Error);
}

TEST(Options, NamesOfEnumerations) {
  EXPECT_EQ(enum_name("BuiltinOperator", 3), "CONV_2D");
  EXPECT_EQ(enum_value("BuiltinOperator", "RIGHT_SHIFT"), 161);
  EXPECT_EQ(enum_name("BuiltinOperator", 9999), std::nullopt);
  EXPECT_EQ(enum_value("TensorType", "INT5"), std::nullopt);
}

}  // namespace
}  // namespace mote::formats::tflite

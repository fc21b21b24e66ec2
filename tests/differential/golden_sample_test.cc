// What TFLM computes, in every clone: the sample of golden cases beside this file, on the
// reference kernels from plain and packed weights and on this machine's variants. The sample
// reaches every kernel, and tells each derivation of multipliers from the one that is easily taken
// for it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "interpret/interpreter.h"
#include "ops/op_def.h"
#include "tests/support/golden.h"
#include "tests/support/golden_sample.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/wrong_derivations.h"

namespace mote {
namespace {

using testing::GoldenSample;

void expect_outputs(const Program& program, const GoldenSample& sample,
                    const std::vector<Bytes>& expected) {
  const std::vector<Bytes> outputs = interpret::run(program, sample.inputs);
  ASSERT_EQ(outputs.size(), expected.size());
  for (size_t i = 0; i < outputs.size(); i++)
    testing::expect_equal(program.outputs[i].type, outputs[i], expected[i]);
}

// The reference's from packed weights, and this machine's best with all and with fewer of its
// instructions.
std::vector<Program> other_programs(const Graph& graph) {
  deploy::Device packing = deploy::host_device();
  packing.packs_weights = true;
  std::vector<Program> programs = {
      deploy::lower(graph, packing, {.variants = deploy::Variants::reference})};
  for (const deploy::Device& device : testing::host_devices())
    programs.push_back(deploy::lower(graph, device));
  return programs;
}

TEST(GoldenSample, IsEqual) {
  for (const GoldenSample& sample : testing::golden_samples()) {
    SCOPED_TRACE(sample.name);
    expect_outputs(testing::lower_for_host(sample.graph), sample, sample.outputs);
    for (const Program& program : other_programs(sample.graph))
      expect_outputs(program, sample, sample.outputs);
  }
}

// What no published output of TFLM is there for.
const std::map<std::string_view, std::string_view> kWithoutCase = {
    {"batch_norm_f32", "TensorFlow Lite has no such operator"},
    {"conv2d_f32s8",
     "TFLM has no kernels of int8 weights between floats; LiteRT's differ by build"},
    {"depthwise_conv2d_f32s8", "the same"},
    {"fully_connected_f32s8", "the same"},
    {"quantize_dynamic", "the same"},
    {"quantize_f32_u8", "the suite has no uint8; the formula is that of quantize_f32_s8"},
    {"quantize_s8_u8", "no case of the suite has it; the formula is that of quantize_s8_s8"},
    {"quantize_s8_s32", "the same"},
    {"quantize_u8_s8", "the same"},
    {"quantize_u8_u8", "the same"},
    {"quantize_u8_s16", "the same"},
    {"quantize_u8_s32", "the same"},
    {"quantize_s16_u8", "the same"},
    {"quantize_s16_s32", "the same"},
    {"quantize_s32_s8", "the same"},
    {"quantize_s32_u8", "the same"},
    {"dequantize_u8_f32", "the suite has no uint8; the formula is that of dequantize_s8_f32"},
    {"quantize_s16_s16", "no case of the suite has it; the formula is that of quantize_s8_s8"},
    {"pad_f32", "moves what pad_s8 and pad_s16 move, by the same loop"},
};

TEST(GoldenSample, ReachesEveryKernel) {
  std::set<std::string> called, packed;
  std::set<std::pair<std::string, int32_t>> bias_bits;
  for (const GoldenSample& sample : testing::golden_samples()) {
    const Program program = testing::lower_for_host(sample.graph);
    for (const Call& call : program.calls) {
      called.insert(call.kernel);
      for (const ParamsField& field : call.params.type->fields) {
        int32_t value = 0;
        std::memcpy(&value, &call.params.bytes.at(field.offset_bytes), sizeof value);
        if (field.name == "bias_bits") bias_bits.emplace(call.kernel, value);
      }
    }
    for (const Value& value : sample.graph.values)
      if (value.constant() && value.type.quantization && value.type.quantization->bits == 4)
        packed.insert(program.calls.at(0).kernel);
  }
  for (const Kernel& kernel : kernels()) {
    if (kernel.variant != "reference") continue;
    EXPECT_NE(called.contains(std::string(kernel.name)), kWithoutCase.contains(kernel.name))
        << kernel.name;
    if (kernel.name == "depthwise_conv2d_s16") continue;  // in TFLM only with biases of 64 bits
    for (const ParamsField& field : kernel.params->fields)
      for (const int32_t bits : {32, 64})
        EXPECT_TRUE(field.name != "bias_bits" ||
                    bias_bits.contains({std::string(kernel.name), bits}))
            << kernel.name << ", biases of " << bits << " bits";
  }
  for (const char* kernel : {"conv2d_s8", "depthwise_conv2d_s8", "fully_connected_s8"})
    EXPECT_TRUE(packed.contains(kernel)) << kernel << ", weights of 4 bits";
}

// By kernel: the case whose scales are such that the other derivation changes outputs.
TEST(GoldenSample, PinsEveryDerivation) {
  std::set<std::string> pinned;
  for (const GoldenSample& sample : testing::golden_samples()) {
    if (sample.graph.nodes.size() != 1) continue;
    const Program program = testing::lower_for_host(sample.graph);
    if (program.calls.size() != 1 ||
        sample.graph.value(sample.graph.outputs[0]).type.dtype == DType::float32)
      continue;
    const Program wrong = testing::wrongly_derived(sample.graph, program);
    if (interpret::run(wrong, sample.inputs) != sample.outputs)
      pinned.insert(program.calls[0].kernel);
  }
  for (const char* kernel :
       {"add_s8", "add_s16", "sub_s8", "sub_s16", "relu_s8", "relu_s16", "leaky_relu_s16",
        "conv2d_s8", "fully_connected_s8", "fully_connected_s16"})
    EXPECT_TRUE(pinned.contains(kernel)) << kernel;
}

}  // namespace
}  // namespace mote

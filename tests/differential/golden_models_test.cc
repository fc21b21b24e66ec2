// Whole networks on the `reference` engine: TFLM's outputs and the CRC of every layer, and LiteRT's
// outputs in both roundings. $MOTE_GOLDEN_DIR/README.md describes the files.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/file.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "tests/support/golden.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

std::string crc_of(std::span<const uint8_t> bytes) {
  return fmt::format("{:08x}", crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

class GoldenModel : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (golden().empty() || models().empty())
      GTEST_SKIP() << "MOTE_GOLDEN_DIR or MOTE_MODELS_DIR is not set";
  }
  static std::string golden() { return testing::folder_from("MOTE_GOLDEN_DIR"); }
  static std::string models() { return testing::folder_from("MOTE_MODELS_DIR"); }
  static Graph model() { return formats::read_model(models() + "/" + GetParam() + ".tflite"); }
};

std::string name_of_model(const ::testing::TestParamInfo<const char*>& info) {
  return info.param;
}

using Int8Model = GoldenModel;

TEST_P(Int8Model, HasTheOutputsAndLayersOfTflm) {
  const Graph graph = model();
  const Program program = testing::lower_for_host(graph, MOTE_ROUNDING_DOUBLE, true);
  const auto expected = testing::read_expected(golden() + "/int8/" + GetParam() + ".txt");
  for (int vector = 0; vector < testing::kGoldenVectors; vector++) {
    SCOPED_TRACE(vector);
    const Bytes input =
        testing::golden_input(vector, static_cast<size_t>(byte_size(program.inputs.at(0).type)));
    std::map<ValueId, std::string> crcs = {{graph.inputs[0], crc_of(input)}};
    const auto outputs = interpret::run(
        program, {{input}}, [&](const Call&, ValueId value, std::span<const uint8_t> bytes) {
          crcs[value] = crc_of(bytes);
        });
    const testing::Expected& want = expected[static_cast<size_t>(vector)];
    EXPECT_EQ(testing::hexadecimal(outputs.at(0)), want.output);
    ASSERT_EQ(graph.nodes.size(), want.layers.size());
    for (size_t i = 0; i < graph.nodes.size(); i++) {
      const Node& node = graph.nodes[i];
      const bool copied = !crcs.contains(node.outputs[0]);  // a Reshape that lies in its input
      EXPECT_EQ(crcs.at(copied ? node.inputs[0] : node.outputs[0]), want.layers[i])
          << "layer " << i << ", " << describe(node);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Int8Model,
                         ::testing::Values("resnet8_int8", "kws_dscnn_int8", "sww_int8",
                                           "hello_world_int8", "micro_speech_int8"),
                         name_of_model);

// All outputs for the inputs that lie one after another in one file.
Bytes run_all(const Program& program, const Bytes& inputs) {
  const auto size = static_cast<size_t>(byte_size(program.inputs.at(0).type));
  Bytes all;
  for (size_t begin = 0; begin + size <= inputs.size(); begin += size) {
    const Bytes input(inputs.begin() + static_cast<ptrdiff_t>(begin),
                      inputs.begin() + static_cast<ptrdiff_t>(begin + size));
    const Bytes output = interpret::run(program, {{input}}).at(0);
    all.insert(all.end(), output.begin(), output.end());
  }
  return all;
}

// LiteRT's `double` outputs come from a build whose FullyConnected still rounds once: with that,
// and only with that, all 80 bytes of resnet8 agree. TFLM, the normative one, rounds twice
// throughout (HasTheOutputsAndLayersOfTflm, and the operator cases fc_s8_*).
Program as_litert_double(Program program) {
  const int32_t once = MOTE_ROUNDING_SINGLE;
  for (Call& call : program.calls)
    for (const ParamsField& field : call.params.type->fields)
      if (call.kernel == "fully_connected_s8" && field.name == "rounding")
        std::memcpy(call.params.bytes.data() + field.offset_bytes, &once, sizeof once);
  return program;
}

using LitertInt8Model = GoldenModel;

TEST_P(LitertInt8Model, HasTheOutputsOfBothRoundings) {
  const Graph graph = model();
  const std::string path = golden() + "/litert/" + GetParam();
  const Bytes inputs = read_file(path + ".in.bin");
  EXPECT_EQ(run_all(as_litert_double(testing::lower_for_host(graph)), inputs),
            read_file(path + ".double.out"));
  EXPECT_EQ(run_all(testing::lower_for_host(graph, MOTE_ROUNDING_SINGLE), inputs),
            read_file(path + ".single.out"));
}

INSTANTIATE_TEST_SUITE_P(, LitertInt8Model,
                         ::testing::Values("resnet8_int8", "kws_dscnn_int8", "sww_int8"),
                         name_of_model);

using LitertFloatModel = GoldenModel;

TEST_P(LitertFloatModel, IsWithinTheSpreadOfRuntimes) {
  const std::string path = golden() + "/litert/" + GetParam();
  const Bytes got = run_all(testing::lower_for_host(model()), read_file(path + ".in.bin"));
  const Bytes want = read_file(path + ".out");
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size() / sizeof(float); i++)
    EXPECT_NEAR(reinterpret_cast<const float*>(got.data())[i],
                reinterpret_cast<const float*>(want.data())[i], 1e-5);
}

INSTANTIATE_TEST_SUITE_P(, LitertFloatModel, ::testing::Values("resnet8_float", "vww96_float"),
                         name_of_model);

// Int8 weights between float activations. LiteRT's runtimes differ by 0.027 here, since each
// quantizes the inputs in its own way; ours is that of its portable kernels, and what remains is
// the last bit of exp in the Softmax.
using LitertDynamicModel = GoldenModel;

TEST_P(LitertDynamicModel, HasTheOutputsOfThePortableKernels) {
  const std::string path = golden() + "/litert/" + GetParam();
  const Program program = testing::lower_for_host(model());
  EXPECT_TRUE(std::ranges::any_of(program.calls,
                                  [](const Call& call) { return call.kernel == "conv2d_f32s8"; }));
  const Bytes got = run_all(program, read_file(path + ".in.bin"));
  const Bytes want = read_file(path + ".reference.out");
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size() / sizeof(float); i++) {
    const float expected = reinterpret_cast<const float*>(want.data())[i];
    EXPECT_NEAR(reinterpret_cast<const float*>(got.data())[i], expected, 3e-7f * expected);
  }
}

INSTANTIATE_TEST_SUITE_P(, LitertDynamicModel, ::testing::Values("kws_dscnn_hybrid"),
                         name_of_model);

}  // namespace
}  // namespace mote

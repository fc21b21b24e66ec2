#include "deploy/emit/emit.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "deploy/lower/lower.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/packable.h"
#include "tests/support/places.h"
#include "tests/support/small_graphs.h"

namespace mote::deploy {
namespace {

Program small_program(DType dtype = DType::int8, uint64_t seed = 1) {
  return lower(testing::small_graph(dtype, seed), load_device("mps2-an386"));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Emit, WritesTheProjectThatItPromises) {
  EmitOptions options{"net", {{{0.5f}, {-1.0f}}}, {"cat", "dog"}, SelfTest{{Bytes(192)}, 0x12AB}};
  const FirmwareFiles files = emit(small_program(), options);
  for (const char* path :
       {"net.h", "net.c", "net_selftest.h", "net_selftest.c", "example_main.c", "CMakeLists.txt",
        "mote/ops/conv2d/conv2d_s8_dsp.c", "mote/ops/conv2d/conv2d_dsp.h", "mote/runtime/operand.h",
        "mote/runtime/pairs.h", "mote/ops/conv2d/conv2d_kernels.h",
        "mote/runtime/arithmetic/bits.h", "mote/runtime/arithmetic/fixed_point.c"})
    EXPECT_TRUE(files.contains(path)) << path;
  EXPECT_FALSE(files.contains("mote/ops/conv2d/conv2d_f32.c"));
  const std::string& header = files.at("net.h");
  EXPECT_TRUE(
      contains(header, "void net_invoke(void *arena, const int8_t *input, int8_t *output);"));
  EXPECT_TRUE(contains(header, "#define NET_INPUT_BYTES 192\n"));
  EXPECT_TRUE(contains(header, "#define NET_INPUT_SCALE 0.02f\n"));
  EXPECT_TRUE(contains(header, "#define NET_INPUT_ZERO_POINT (-3)\n"));
  EXPECT_TRUE(contains(header, "#define NET_INPUT_PREPROCESSING_BIAS {-1.0f}\n"));
  EXPECT_TRUE(contains(header, "#define NET_LABELS 2\n"));
  EXPECT_TRUE(
      contains(files.at("net.c"), "/* block/conv 1: int8[1, 8, 8, 3] -> int8[1, 8, 8, 8] */"));
  EXPECT_TRUE(contains(files.at("net_selftest.c"), "UINT32_C(0x000012AB)"));
}

// Two classes in one output: the largest of one would always be class 0.
TEST(Emit, TheExampleDecidesASingleOutputByItsThreshold) {
  const auto example = [](TensorType type, double threshold) {
    Graph graph;
    graph.inputs = {add_value(graph, "x", type)};
    graph.outputs = {add_node(graph, ops::Relu{}, {graph.inputs[0]}, "y")};
    graph.value(graph.outputs[0]).type = type;
    EmitOptions options;
    options.decision_threshold = threshold;
    return emit(lower(graph, load_device("mps2-an386")), options).at("example_main.c");
  };
  const TensorType real{DType::float32, {1, 1}, {}};
  const TensorType integer{DType::int8, {1, 1}, per_tensor(0.25f, -7)};
  EXPECT_TRUE(contains(example(real, 0.5), "return output[0] > 0.5f;"));
  EXPECT_TRUE(contains(example(integer, 0), "return output[0] > -7;"));
  EXPECT_TRUE(contains(example(integer, 0.5), "return output[0] > -5;"));
  EXPECT_TRUE(contains(example({DType::float32, {1, 2}, {}}, 0), "output[i] > output[best]"));
}

TEST(Emit, HasTheDecodersThatTheWeightsNeed) {
  const auto has = [](const Graph& graph, const std::string& path) {
    return emit(lower(graph, load_device("mps2-an386"))).contains(path);
  };
  for (const DType dtype : {DType::float32, DType::int8}) {
    const bool real = dtype == DType::float32;
    const Graph plain = testing::small_graph(dtype, 1);
    Graph packed = testing::with_packable_weights(plain);
    if (!real) packed = testing::with_four_bits(plain);
    EXPECT_FALSE(has(plain, "mote/runtime/decode_f16.c"));
    EXPECT_FALSE(has(plain, "mote/runtime/decode_dense4.c"));
    EXPECT_EQ(has(packed, "mote/runtime/decode_f16.c"), real);
    EXPECT_EQ(has(packed, "mote/runtime/decode_dense4.c"), !real);
  }
}

TEST(Emit, LeavesOutTheSelfTestWithoutAKnownInference) {
  const FirmwareFiles files = emit(small_program());
  EXPECT_FALSE(files.contains("model_selftest.c"));
  EXPECT_FALSE(contains(files.at("CMakeLists.txt"), "selftest"));
}

TEST(Emit, SameProgramGivesTheSameBytes) {
  EXPECT_EQ(emit(small_program()), emit(small_program()));
  EXPECT_NE(emit(small_program(DType::int8, 1)), emit(small_program(DType::int8, 2)));
}

TEST(Emit, UserNamesNeitherEndCommentsNorClashWithC) {
  const std::string source = emit(small_program()).at("model.c");
  EXPECT_FALSE(contains(source, "network */"));
  EXPECT_TRUE(contains(source, "model_int_params"));  // a layer called "int"
}

TEST(Emit, NamesNoMallocAndNoPathOfThisMachine) {
  for (const auto& [path, text] : emit(small_program())) {
    EXPECT_FALSE(contains(text, "malloc")) << path;
    EXPECT_FALSE(contains(text, source_path())) << path;
  }
}

TEST(Emit, RefusesNamesThatDoNotFit) {
  for (const char* name : {"", "my net", "1net", "net-1", "nét", "Net", "stdint", "mote_net"}) {
    EmitOptions options;
    options.name = name;
    EXPECT_THROW(emit(small_program(), options), Error) << name;
  }
}

// All constants of at least so many bytes stand in one file, and those below are C as before.
TEST(Emit, LargeConstantsMayBeBinary) {
  const Program program = lower(testing::small_graph(DType::float32, 1), host_device());
  std::string bytes;
  size_t large = 0;
  for (const Constant& constant : program.constants)
    if (constant.data.size() >= 100) {
      bytes.append(constant.data.begin(), constant.data.end());
      large++;
    }
  ASSERT_GT(large, 0u);
  ASSERT_LT(large, program.constants.size());
  EmitOptions options;
  const FirmwareFiles text = emit(program, options);
  EXPECT_FALSE(text.contains("model_constants.S"));
  options.binary_from_bytes = 100;
  const FirmwareFiles files = emit(program, options);
  EXPECT_EQ(files.at("model_constants.bin"), bytes);
  const auto count = [](const std::string& in, const std::string& what) {
    size_t found = 0;
    for (size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) found++;
    return found;
  };
  EXPECT_EQ(count(files.at("model_constants.S"), ".incbin"), large);
  EXPECT_EQ(count(files.at("model.c"), "extern const float"), large);
  EXPECT_EQ(count(text.at("model.c"), "_data[") - count(files.at("model.c"), "static const _Align"),
            large);
}

}  // namespace
}  // namespace mote::deploy

#include "deploy/emulate/emulate.h"

#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/process.h"
#include "base/random.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ir/text.h"
#include "tests/support/emulator.h"
#include "tests/support/packable.h"
#include "tests/support/small_graphs.h"

namespace mote::deploy {
namespace {

class Emulate : public ::testing::Test {
 protected:
  void SetUp() override { MOTE_SKIP_WITHOUT_EMULATOR(); }
};

std::vector<std::vector<Bytes>> samples_for(const Program& program, int count) {
  std::vector<std::vector<Bytes>> samples;
  for (int i = 0; i < count; i++)
    samples.push_back(testing::random_inputs(program, static_cast<uint64_t>(i)));
  return samples;
}

void expect_equal_to_host(const Program& program, const std::vector<std::vector<Bytes>>& samples,
                          const EmulationResult& result) {
  ASSERT_EQ(result.outputs.size(), samples.size());
  for (size_t i = 0; i < samples.size(); i++)
    EXPECT_EQ(result.outputs[i], interpret::run(program, samples[i])) << "sample " << i;
}

TEST_F(Emulate, EveryByteEqualsTheHostOnEveryDevice) {
  const std::pair<const char*, Graph> graphs[] = {
      {"int8", testing::small_graph(DType::int8, 3)},
      {"float32", testing::small_graph(DType::float32, 3)},
      {"dynamic_range", testing::small_dynamic_graph(3)}};
  for (const char* name : {"mps2-an386", "mps2-an383", "microbit", "mps3-an547"})
    for (const auto& [scheme, graph] : graphs) {
      SCOPED_TRACE(std::string(name) + " " + scheme);
      const Device device = load_device(name);
      const Program program = lower(graph, device);
      const auto samples = samples_for(program, 5);
      const EmulationResult result = emulate(program, device, {}, samples);
      expect_equal_to_host(program, samples, result);
      EXPECT_GT(result.instructions, 20'000);
    }
}

TEST_F(Emulate, PackedWeightsGiveTheBytesOfPlainOnes) {
  for (const char* name : {"mps2-an386", "microbit"})
    for (const DType dtype : {DType::int8, DType::float32}) {
      SCOPED_TRACE(std::string(name) + " " + std::string(name_of(dtype)));
      const Graph graph = testing::with_packable_weights(testing::small_graph(dtype, 3));
      Device device = load_device(name);
      const Program packed = lower(graph, device);
      const auto samples = samples_for(packed, 3);
      const EmulationResult result = emulate(packed, device, {}, samples);
      device.packs_weights = false;
      const Program plain = lower(testing::with_wide_constants(graph), device);
      EXPECT_LT(constant_bytes(packed), 0.7 * static_cast<double>(constant_bytes(plain)));
      expect_equal_to_host(plain, samples, result);
    }
}

TEST_F(Emulate, SeveralPortsKeepTheirOrder) {
  Graph graph = testing::empty_graph("ports");
  const auto value = [&](const char* name, float scale) {
    return add_value(graph, name, {DType::int8, {1, 4, 5, 3}, per_tensor(scale, 2)});
  };
  const ValueId a = value("a", 0.1f), b = value("b", 0.3f);
  const ValueId sum = value("sum", 0.4f), limited = value("limited", 0.2f);
  graph.nodes = {{ops::Add{}, {a, b}, {sum}, "add"}, {ops::Relu{}, {sum}, {limited}, "relu"}};
  graph.inputs = {a, b};
  graph.outputs = {limited, sum};
  const Device device = load_device("mps2-an386");
  const Program program = lower(graph, device);
  EXPECT_NE(emit(program).at("model.h").find("const int8_t *input_0, const int8_t *input_1, "
                                             "int8_t *output_0, int8_t *output_1"),
            std::string::npos);
  const auto samples = samples_for(program, 3);
  expect_equal_to_host(program, samples, emulate(program, device, {}, samples));
}

TEST_F(Emulate, PortsMayBeInputsConstantsScalarsAndTheSameTwice) {
  const Graph graph = parse(R"(graph ports
input x: int8[1, 2, 3] {scale: 0.5, zero_point: 1}
input n: int32[1]
  c: int8[2] {scale: 0.5, zero_point: 1} = [5, -6]
flat: int8[6] {scale: 0.5, zero_point: 1} = Reshape(x) {shape: [6]}
tall: int8[3, 2] {scale: 0.5, zero_point: 1} = Reshape(x) {shape: [3, 2]}
relu: int8[1, 2, 3] {scale: 0.5, zero_point: 1} = Relu(x)
long: int8[6] {scale: 0.5, zero_point: 1} = Reshape(relu) {shape: [6]}
scalar: int32[] = Reshape(n)
output x, flat, tall, c, scalar, relu, long, relu, c
)",
                            {}, "ports");
  for (const char* name : {"mps2-an386", "microbit"}) {
    const Device device = load_device(name);
    const Program program = lower(graph, device);
    const std::vector<std::vector<Bytes>> samples = {{{1, 2, 0, 4, 0xFF, 6}, {7, 8, 9, 10}}};
    const EmulationResult result = emulate(program, device, {}, samples);
    const Bytes &x = samples[0][0], &n = samples[0][1];
    const Bytes relu = {1, 2, 1, 4, 1, 6};
    const Bytes c = {5, 0xFA};
    EXPECT_EQ(result.outputs.at(0), (std::vector<Bytes>{x, x, x, c, n, relu, relu, relu, c}));
  }
}

// An output that is its input: nothing but a copy.
TEST_F(Emulate, AModelMayHaveNoOperators) {
  const Graph graph = parse("graph g\ninput x: float32[2]\noutput x\n", {}, "g");
  const Device device = load_device("microbit");
  const std::vector<std::vector<Bytes>> samples = {{{1, 2, 3, 4, 5, 6, 7, 8}}};
  EXPECT_EQ(emulate(lower(graph, device), device, {}, samples).outputs, samples);
}

// Samples of nothing: as many results all the same.
TEST_F(Emulate, AModelMayHaveNoInputs) {
  const Graph graph =
      parse("graph g\n  c: float32[2] = [1, -2]\ny: float32[2] = Relu(c)\noutput y\n", {}, "g");
  const Device device = load_device("microbit");
  const EmulationResult result =
      emulate(lower(graph, device), device, {}, std::vector<std::vector<Bytes>>(3));
  const Bytes relu = to_bytes<float>(std::vector<float>{1, 0});
  EXPECT_EQ(result.outputs, std::vector<std::vector<Bytes>>(3, {relu}));
}

// image [1, 4, 4, 2] -> Relu -> Conv2D 1x1 -> Relu: the convolution's weights fit in 4 bits and are
// kept packed. `names` are the nodes'.
Graph tiny_graph(const std::array<std::string, 3>& names, const std::string& weights_name) {
  Graph graph = testing::empty_graph("tiny");
  const auto activation = [&](const std::string& name) {
    return add_value(graph, name, {DType::int8, {1, 4, 4, 2}, per_tensor(0.1f, 2)});
  };
  const ValueId image = activation("image"), first = activation("first");
  const ValueId second = activation("second"), third = activation("third");
  const ValueId weights =
      add_constant(graph, weights_name, {DType::int8, {2, 1, 1, 2}, per_channel({0.1f, 0.2f}, 0)},
                   Bytes{1, 0xFD, 7, 0xF8});
  const ValueId bias = add_constant(graph, names[1] + "/bias",
                                    {DType::int32, {2}, per_channel({0.01f, 0.02f}, 0, 32)},
                                    to_bytes<int32_t>(std::vector<int32_t>{100, -200}));
  graph.nodes = {{ops::Relu{}, {image}, {first}, names[0]},
                 {ops::Conv2D{}, {first, weights, bias}, {second}, names[1]},
                 {ops::Relu{}, {second}, {third}, names[2]}};
  graph.inputs = {image};
  graph.outputs = {third};
  return graph;
}

void expect_firmware(const Graph& graph, const std::string& name) {
  SCOPED_TRACE(name);
  const Device device = load_device("mps2-an386");
  const Program program = lower(graph, device);
  EmitOptions options;
  options.name = firmware_name(name);
  const auto samples = samples_for(program, 1);
  expect_equal_to_host(program, samples, emulate(program, device, options, samples));
}

TEST_F(Emulate, NoNameOfAModelCollides) {
  const Graph graph = tiny_graph({"a", "b", "c"}, "w");
  for (const char* name :
       {"main",       "startup", "harness",    "example_main", "firmware", "stdint",
        "stddef",     "float",   "signal",     "assert",       "int",      "class",
        "static",     "and_eq",  "memory",     "arena",        "input",    "output",
        "model",      "mote",    "mote_arena", "net_selftest", "test",     "aux",
        "CMakeLists", "Model",   "a-b",        "1st",          "",         "\u540d",
        "int8",       "str"})
    expect_firmware(graph, name);
  expect_firmware(graph, std::string(5000, 'x'));
}

TEST_F(Emulate, NoNameOfALayerCollides) {
  expect_firmware(tiny_graph({"x_weights", "x", "x/weights"}, "x/weights"), "net");
  expect_firmware(tiny_graph({"a-b", "a.b", "a b"}, "a/b"), "net");
  expect_firmware(tiny_graph({"x_data", "x_params", "x_stored"}, "x"), "net");
  expect_firmware(tiny_graph({"t", "t", "t"}, "t"), "int8");  // int8_t
  expect_firmware(tiny_graph({"invoke", "labels", "selftest"}, "invoke"), "net");
  expect_firmware(tiny_graph({"", "*/", "\""}, "\\"), "net");
  expect_firmware(tiny_graph({"input_0", "memory", "operands"}, "arena"), "n");
  const std::string same(300, 'y');
  expect_firmware(tiny_graph({same + "1", same + "2", same + "3"}, same + "4"), "net");
}

TEST_F(Emulate, MeasuresTheFirmware) {
  const Device device = load_device("microbit");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 1);
  const EmulationResult result = emulate(program, device, {}, samples);
  EXPECT_EQ(result.size.constant_bytes, constant_bytes(program));
  EXPECT_EQ(result.size.arena_bytes, program.plan.peak_bytes);
  EXPECT_EQ(result.size.flash_bytes, result.size.constant_bytes + result.size.code_bytes);
  EXPECT_GT(result.size.code_bytes, 1000);
  EXPECT_LT(result.size.code_bytes, 8000);
  EXPECT_EQ(result.size.static_bytes, 0);
  EXPECT_GT(result.stack_bytes, 64);
  EXPECT_LT(result.stack_bytes, 1024);
  EXPECT_EQ(result.ram_bytes, result.size.arena_bytes + result.stack_bytes);
  EXPECT_EQ(measure(program, device).flash_bytes, result.size.flash_bytes);
}

TEST_F(Emulate, CountsTheSameInstructionsEveryTime) {
  const Device device = load_device("mps2-an386");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 1);
  const int64_t first = emulate(program, device, {}, samples).instructions;
  EXPECT_EQ(emulate(program, device, {}, samples).instructions, first);
  EmitOptions renamed;
  renamed.name = "another";
  EXPECT_EQ(emulate(program, device, renamed, samples).instructions, first);
}

TEST_F(Emulate, InstructionsOfTheStepsAddUp) {
  for (const char* name : {"mps2-an386", "microbit", "mps3-an547"}) {
    const Device device = load_device(name);
    const Program program = lower(testing::small_graph(DType::int8, 1), device);
    const auto samples = samples_for(program, 2);
    const EmulationResult result = emulate(program, device, {}, samples);
    ASSERT_EQ(result.steps.size(), program.schedule.size());
    InstructionMix sum;
    for (const InstructionMix& step : result.steps) sum += step;
    EXPECT_EQ(sum, result.mix);
    EXPECT_EQ(result.mix.instructions(), result.instructions);
    // The 3x3 convolution has 64 x 8 x 27 products, the 1x1 one 64 x 8 x 8; each needs two loads.
    EXPECT_GT(result.steps[0][InstructionClass::multiply], 64 * 8 * 9 * 3 / 2);
    EXPECT_GT(result.steps[0][InstructionClass::loads], result.steps[0].instructions() / 10);
    EXPECT_LT(result.steps[1].instructions(), result.steps[0].instructions());
    EXPECT_LE(result.mix[InstructionClass::loads], result.mix.load_words);
    EXPECT_EQ(result.mix[InstructionClass::float_arithmetic], 0);
  }
}

TEST_F(Emulate, SaysByHowMuchABudgetIsExceeded) {
  Device device = load_device("mps2-an386");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const FirmwareSize size = measure(program, device);
  const auto message = [&](const Device& small) {
    try {
      measure(program, small);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::over_budget);
      return error.message;
    }
    return std::string("it fits");
  };
  device.flash_bytes = size.flash_bytes;
  EXPECT_EQ(message(device), "it fits");
  device.flash_bytes -= 7;
  EXPECT_NE(message(device).find("of flash"), std::string::npos);
  EXPECT_NE(message(device).find(": 7 bytes too many"), std::string::npos);
  device.flash_bytes += 7;
  device.ram_bytes = size.arena_bytes - 4;
  EXPECT_NE(message(device).find(": 4 bytes too many"), std::string::npos);
}

TEST_F(Emulate, ExternalMemoryHoldsWhatFlashAndRamHaveNoRoomFor) {
  const Device board = load_device("mps3-an547");
  const Program program = lower(testing::small_graph(DType::float32, 1), board);
  const auto samples = samples_for(program, 2);
  const EmulationResult whole = emulate(program, board, {}, samples);
  expect_equal_to_host(program, samples, whole);
  EXPECT_EQ(whole.size.external_flash_bytes, 0);
  EXPECT_EQ(whole.size.external_ram_bytes, 0);
  const FirmwareSize& size = whole.size;
  for (const bool little_flash : {false, true})
    for (const bool little_ram : {false, true}) {
      Device small = board;
      if (little_flash) small.flash_bytes = size.flash_bytes - 1;
      if (little_ram) small.ram_bytes = size.arena_bytes - 1;
      const EmulationResult result = emulate(program, small, {}, samples);
      expect_equal_to_host(program, samples, result);
      EXPECT_EQ(result.instructions, whole.instructions);
      EXPECT_EQ(result.stack_bytes, whole.stack_bytes);
      EXPECT_EQ(result.ram_bytes, whole.ram_bytes);
      EXPECT_NEAR(result.size.flash_bytes, size.flash_bytes, 16);  // what alignment costs
      EXPECT_EQ(result.size.external_ram_bytes, little_ram ? size.arena_bytes : 0);
      EXPECT_EQ(result.size.external_flash_bytes >= size.constant_bytes, little_flash);
      EXPECT_LT(result.size.external_flash_bytes, size.flash_bytes);
    }
}

TEST_F(Emulate, ExternalMemoryHasAnEnd) {
  Device board = load_device("mps3-an547");
  const Program program = lower(testing::small_graph(DType::int8, 1), board);
  const FirmwareSize size = measure(program, board);
  const auto message = [&] {
    try {
      measure(program, board);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::over_budget);
      return error.message;
    }
    return std::string("it fits");
  };
  board.ram_bytes = 256;
  board.external_bytes = size.arena_bytes;
  EXPECT_EQ(message(), "it fits");
  board.external_bytes -= 8;
  EXPECT_EQ(message(), fmt::format("the firmware takes {} bytes of DDR4, mps3-an547 has {}: "
                                   "8 bytes too many",
                                   size.arena_bytes, board.external_bytes));
  board.external_bytes += 8;
  board.flash_bytes = 512;  // of code
  EXPECT_NE(message().find("of flash, mps3-an547 has 512"), std::string::npos) << message();
}

// A constant of a megabyte and more reaches the firmware without being C.
TEST_F(Emulate, LargeConstantsAreTheSameBytes) {
  Graph graph = testing::empty_graph("large");
  const auto activation = [&](const char* name, int32_t count) {
    return add_value(graph, name, {DType::int8, {1, count}, per_tensor(0.1f, 2)});
  };
  graph.inputs = {activation("x", 1100)};
  graph.outputs = {activation("y", 1000)};
  Random random(1);
  Bytes data(1000 * 1100);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random.below(256));
  const ValueId weights =
      add_constant(graph, "w", {DType::int8, {1000, 1100}, per_tensor(0.001f, 0)}, data);
  graph.nodes = {{ops::FullyConnected{}, {graph.inputs[0], weights}, {graph.outputs[0]}, "dense"}};
  for (const char* name : {"mps2-an386", "mps3-an547"}) {
    SCOPED_TRACE(name);
    const Device device = load_device(name);
    const Program program = lower(graph, device);
    const auto samples = samples_for(program, 2);
    const EmulationResult result = emulate(program, device, {}, samples);
    expect_equal_to_host(program, samples, result);
    EXPECT_EQ(result.size.external_flash_bytes > 1'000'000, device.flash_bytes < 1'000'000);
    EXPECT_LT(result.size.code_bytes, 8000);
  }
}

TEST_F(Emulate, LinksForABoardThatHasNoEmulator) {
  const Device board = load_device("nucleo-l4r5zi");
  const Program program = lower(testing::small_graph(DType::float32, 1), board);
  EXPECT_GT(measure(program, board).code_bytes, 1000);
}

// Wherever the room ends: either the outputs are right, or the error says that the stack does not
// fit.
TEST_F(Emulate, StackBeyondTheRamIsOverBudget) {
  Device device = load_device("microbit");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 2);
  const int64_t needed = emulate(program, device, {}, samples).ram_bytes;
  for (const int64_t spare : {-200, -40, -8, 0, 80}) {
    device.ram_bytes = needed + spare;
    bool fits = true;
    try {
      expect_equal_to_host(program, samples, emulate(program, device, {}, samples));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::over_budget) << error.what();
      fits = false;
    }
    if (spare < 0 || spare == 80) {
      EXPECT_EQ(fits, spare == 80) << spare;
    }
  }
}

TEST_F(Emulate, WorksInFoldersOfAnyName) {
  const Device device = load_device("mps2-an386");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 3);
  const TemporaryDirectory parent;
  for (const char* name :
       {"a b,c;\u00fc$(x)'\"", ",", "-plugin x", "@file", "a\\b", "a=b:c", "%p#", "\n"}) {
    const std::string folder = parent.path() + "/" + name;
    std::filesystem::create_directory(folder);
    setenv("TMPDIR", folder.c_str(), 1);
    expect_equal_to_host(program, samples, emulate(program, device, {}, samples));
    unsetenv("TMPDIR");
  }
}

TEST_F(Emulate, LeavesNoTemporaryFiles) {
  const TemporaryDirectory temporary;
  setenv("TMPDIR", temporary.path().c_str(), 1);
  const Device device = load_device("microbit");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 3);
  emulate(program, device, {}, samples);
  unsetenv("TMPDIR");
  EXPECT_TRUE(std::filesystem::is_empty(temporary.path()));
}

TEST(EmulateErrors, NamesWhatIsMissing) {
  Device device = load_device("mps2-an386");
  const Program program = lower(testing::small_graph(DType::int8, 1), device);
  const auto samples = samples_for(program, 1);
  const auto kind_of = [&](const Device& broken, const std::vector<std::vector<Bytes>>& with) {
    try {
      emulate(program, broken, {}, with);
    } catch (const Error& error) {
      return error.kind;
    }
    return ErrorKind::internal;
  };
  Device broken = device;
  broken.emulator.clear();
  EXPECT_EQ(kind_of(broken, samples), ErrorKind::unsupported);
  broken = device;
  broken.compiler = "no-such-gcc";
  EXPECT_EQ(kind_of(broken, samples), ErrorKind::unsupported);
  broken = device;
  broken.compiler = "cc";
  broken.compiler_flags = {"--no-such-flag"};
  EXPECT_EQ(kind_of(broken, samples), ErrorKind::invalid_input);
  broken = device;
  broken.core = "rv32";
  EXPECT_EQ(kind_of(broken, samples), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(device, {}), ErrorKind::usage);
  EXPECT_EQ(kind_of(device, {{Bytes(3)}}), ErrorKind::usage);
}

}  // namespace
}  // namespace mote::deploy

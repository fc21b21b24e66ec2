#include "evaluate/firmware.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "compress/compress.h"
#include "deploy/lower/lower.h"
#include "evaluate/engine.h"
#include "evaluate/inspection.h"
#include "evaluate/json.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ir/text.h"
#include "passes/pipeline.h"
#include "tests/support/emulator.h"
#include "tests/support/glyphs.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

Graph network(const std::string& recipe, const std::string& name = "zoo:custom?width=0.3") {
  const Graph graph = zoo::build(name, {.input = {28, 28, 1}, .classes = 10});
  return compress::compress(graph, compress::load_recipe(recipe), glyphs().train);
}

TEST(Firmware, IsByteEqualWithTheHostOnBothBoards) {
  const Graph graph = network("int8");
  for (const char* name : {"mps2-an386", "microbit"}) {
    MOTE_SKIP_WITHOUT_EMULATOR();
    const deploy::Device device = deploy::load_device(name);
    const FirmwareCheck check =
        check_firmware(graph, device, firmware_options(graph, "digits"), glyphs().test, 6);
    EXPECT_TRUE(check.outputs_equal) << name << ": " << check.first_difference;
    EXPECT_EQ(check.samples, 6);
    EXPECT_GT(check.emulation.instructions, 100000);
    EXPECT_LT(check.emulation.ram_bytes, 16 * 1024);
    ASSERT_EQ(check.layers.size(), graph.nodes.size());
    int64_t sum = 0;
    for (size_t i = 0; i < check.layers.size(); i++) {
      const int64_t macs = inspect(graph).layers[i].macs;
      EXPECT_GE(check.layers[i].instructions(), macs) << graph.nodes[i].origin;
      sum += check.layers[i].instructions();
    }
    EXPECT_EQ(sum, check.emulation.instructions);
    ASSERT_TRUE(check.modelled);
    EXPECT_GE(check.modelled->cycles.least, sum);  // neither core retires two at once
    EXPECT_LT(check.modelled->cycles.most, 3 * sum);
  }
}

TEST(Firmware, OfDynamicRangeIsByteEqualWithTheHostToo) {
  const Graph graph = network("dynamic_range", "zoo:custom");  // most layers have 1,024 weights
  for (const char* name : {"mps2-an386", "mps2-an383"}) {
    MOTE_SKIP_WITHOUT_EMULATOR();
    const deploy::Device device = deploy::load_device(name);
    const FirmwareCheck check =
        check_firmware(graph, device, firmware_options(graph, "digits"), glyphs().test, 3);
    EXPECT_TRUE(check.outputs_equal) << name << ": " << check.first_difference;
    int64_t sum = 0;  // also where a node is several calls
    for (const deploy::InstructionMix& layer : check.layers) sum += layer.instructions();
    EXPECT_EQ(sum, check.emulation.instructions);
    EXPECT_LT(check.emulation.size.constant_bytes,
              constant_bytes(deploy::lower(network("float32", "zoo:custom"), device)) / 3);
  }
}

TEST(SelfTestInputs, BeginWithThoseOfTheEmittedSelfTest) {
  const Graph graph = network("int8");
  const std::vector<Inputs> samples = self_test_inputs(graph, 3);
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0], firmware_options(graph, "m").self_test.value().inputs);
  EXPECT_NE(samples[0], samples[1]);
  EXPECT_NE(samples[1], samples[2]);
  EXPECT_EQ(samples[1][0].size(), 784u);
}

// No data set has two inputs, of which one is float and one quantized.
TEST(Firmware, OfSeveralInputsRunsWithoutData) {
  const Graph graph = parse(R"(graph two
input a: int8[1, 2, 2, 3] {scale: 0.5, zero_point: 3}
input b: float32[1, 5]
double: int8[1, 2, 2, 3] {scale: 1, zero_point: -1} = Add(a, a)
relu: float32[1, 5] = Relu(b)
output relu, double
)",
                            {});
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device device = deploy::load_device("mps2-an386");
  const FirmwareCheck check =
      check_firmware(graph, device, firmware_options(graph, "two"), self_test_inputs(graph, 4));
  EXPECT_TRUE(check.outputs_equal) << check.first_difference;
  EXPECT_EQ(check.samples, 4);
  EXPECT_EQ(check.emulation.outputs.at(3).size(), 2u);
}

// Whoever gives a scale by --preprocess finds none in the header once it is folded away.
TEST(FirmwareHeader, SaysWhatBecomesOfAPixel) {
  const auto header_of = [](const Preprocessing& preprocessing) {
    Graph graph = parse(R"(graph net
input x: float32[1, 2, 2, 1]
  w: float32[3, 1, 1, 1] = [1, 2, 3]
y: float32[1, 2, 2, 3] = Conv2D(x, w)
output y
)",
                        {});
    graph.preprocessing = {preprocessing};
    graph = passes::optimized(graph);
    return deploy::emit(deploy::lower(graph, deploy::load_device("microbit")),
                        firmware_options(graph, "net"))
        .at("net.h");
  };
  const std::string raw = "real = pixel: it takes raw ones", scaled = "scale * pixel + bias";
  EXPECT_NE(header_of({{1.0f / 255}, {0}}).find(raw), std::string::npos);
  EXPECT_EQ(header_of({{1.0f / 255}, {0}}).find(scaled), std::string::npos);
  EXPECT_NE(header_of({{1.0f / 255}, {-1}}).find(scaled), std::string::npos);  // not folded
  EXPECT_EQ(header_of({{1.0f / 255}, {-1}}).find(raw), std::string::npos);
}

TEST(Firmware, TheEmulatorIsAnEngine) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device device = deploy::load_device("mps2-an386");
  const std::vector<Bytes> inputs = {encode(graph, glyphs().test.images, 0, 3)};
  EXPECT_EQ(make_engine("emulator:mps2-an386", graph)->run(inputs, 3),
            make_engine("reference", graph)->run(inputs, 3));
}

TEST(Firmware, AModelTooLargeSaysByHowMuch) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device board = deploy::load_device("microbit");
  deploy::Device small = board;
  small.flash_bytes = 8 * 1024;
  try {
    check_firmware(graph, small, firmware_options(graph, "digits"), glyphs().test, 1);
    FAIL() << "fits 8 KB";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::over_budget) << error.what();
  }
}

TEST(Firmware, NobodyAllocatesWhatASmallFileClaims) {
  const auto kind_of = [](const char* shape) {
    const std::string text =
        fmt::format("graph g\ninput x: int8[1]\ninput unread: {}\noutput x\n", shape);
    const Graph graph = parse(text, {}, "g");
    try {
      firmware_options(graph, "g");
    } catch (const Error& error) {
      return error.kind;
    }
    return ErrorKind::internal;
  };
  EXPECT_EQ(kind_of("int8[4, 1073741825]"), ErrorKind::unsupported);  // 4, as an int32
  EXPECT_EQ(kind_of("int64[1, 536870912]"), ErrorKind::unsupported);  // 0, as an int32
  EXPECT_EQ(kind_of("int8[1, 1073741825]"), ErrorKind::over_budget);
  EXPECT_EQ(kind_of("int8[1, 1000]"), ErrorKind::internal);  // none
}

TEST(FirmwareFigures, ThatItDoesNotFitIsAFinding) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device board = deploy::load_device("microbit");
  const auto figures = [&](const deploy::Device& device) {
    return firmware_figures(graph, device, firmware_options(graph, "m"), glyphs().test, 1);
  };
  const FirmwareFigures fitting = figures(board);
  ASSERT_TRUE(fitting.check);
  EXPECT_FALSE(fitting.over_budget);

  deploy::Device small = board;
  small.flash_bytes = fitting.size.flash_bytes - 7;  // the linker finds out
  small.ram_bytes = fitting.size.arena_bytes - 4;    // lower does
  const FirmwareFigures found = figures(small);
  ASSERT_TRUE(found.over_budget);
  EXPECT_FALSE(found.check);
  EXPECT_EQ(found.size.flash_bytes, fitting.size.flash_bytes);
  EXPECT_EQ(found.size.arena_bytes, fitting.size.arena_bytes);
  EXPECT_EQ(found.constants, fitting.constants);
  EXPECT_EQ(found.over_budget->flash_over_bytes, 7);
  EXPECT_EQ(found.over_budget->ram_over_bytes, 4 + fitting.size.static_bytes);
  EXPECT_NE(found.over_budget->reason.find(": 4 bytes too many"), std::string::npos);

  deploy::Device no_stack = board;
  no_stack.ram_bytes = fitting.size.arena_bytes + fitting.size.static_bytes + 8;
  const FirmwareFigures overflown = figures(no_stack);
  ASSERT_TRUE(overflown.over_budget);
  EXPECT_EQ(overflown.over_budget->flash_over_bytes, 0);
  EXPECT_EQ(overflown.over_budget->ram_over_bytes, 0);
  EXPECT_NE(overflown.over_budget->reason.find("for the stack"), std::string::npos);
}

// The figures of a board with room, and by how much its own memory is exceeded.
TEST(FirmwareFigures, WhatRunsFromExternalMemoryDoesNotFitEither) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  deploy::Device device = deploy::load_device("mps3-an547");
  const auto figures = [&] {
    return firmware_figures(graph, device, firmware_options(graph, "digits"), glyphs().test, 1);
  };
  const FirmwareFigures fitting = figures();
  EXPECT_FALSE(fitting.over_budget);
  device.flash_bytes = fitting.size.flash_bytes - 7;
  device.ram_bytes = fitting.size.arena_bytes - 4;
  const FirmwareFigures found = figures();
  ASSERT_TRUE(found.check);
  EXPECT_TRUE(found.check->outputs_equal) << found.check->first_difference;
  EXPECT_EQ(found.check->emulation.instructions, fitting.check->emulation.instructions);
  ASSERT_TRUE(found.over_budget);
  EXPECT_EQ(found.over_budget->held_by, "DDR4");
  EXPECT_NEAR(found.over_budget->flash_over_bytes, 7, 16);
  EXPECT_EQ(found.over_budget->ram_over_bytes, 4);
  EXPECT_NE(found.over_budget->reason.find("; its DDR4 holds what is too much"), std::string::npos)
      << found.over_budget->reason;
  const Json json = json_of(found);
  EXPECT_EQ(json.at("fits"), false);
  EXPECT_EQ(json.at("external_memory"), "DDR4");
  EXPECT_GT(json.at("instructions"), 0);
  device.external_bytes = 64;  // holds neither
  const FirmwareFigures nowhere = figures();
  ASSERT_TRUE(nowhere.over_budget);
  EXPECT_TRUE(nowhere.over_budget->held_by.empty());
  EXPECT_FALSE(nowhere.check);
  EXPECT_EQ(nowhere.over_budget->ram_over_bytes, 4);
}

TEST(FirmwareFigures, WithoutAnEmulatorAreThoseOfTheLinker) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device board = deploy::load_device("nucleo-l4r5zi");
  deploy::Device alone = board;
  alone.stand_in.clear();
  const FirmwareFigures figures =
      firmware_figures(graph, alone, firmware_options(graph, "m"), glyphs().test, 1);
  EXPECT_GT(figures.size.flash_bytes, figures.size.constant_bytes);
  EXPECT_EQ(figures.constants.sum(), figures.size.constant_bytes);
  ASSERT_EQ(figures.layer_constants.size(), graph.nodes.size());
  deploy::ConstantBytes layers;
  for (const deploy::ConstantBytes& layer : figures.layer_constants) layers += layer;
  EXPECT_EQ(layers, figures.constants);
  EXPECT_EQ(layers.biases, 0);  // nobody has trained it
  EXPECT_GT(layers.others, 0);
  EXPECT_FALSE(figures.check);
  EXPECT_FALSE(figures.over_budget);
}

TEST(Firmware, RunsOnTheStandInOfABoardWithoutEmulator) {
  const Graph graph = network("int8");
  MOTE_SKIP_WITHOUT_EMULATOR();
  const deploy::Device board = deploy::load_device("nucleo-l4r5zi");
  const auto check = [&](const deploy::Device& device) {
    return check_firmware(graph, device, firmware_options(graph, "m"), glyphs().test, 2);
  };
  const FirmwareCheck on_board = check(board);
  const FirmwareCheck on_stand_in = check(deploy::load_device(board.stand_in));
  EXPECT_EQ(on_board.ran_on, "mps2-an386");
  EXPECT_TRUE(on_board.outputs_equal);
  EXPECT_EQ(on_board.emulation.mix, on_stand_in.emulation.mix);
  const FirmwareCheck small = check(deploy::load_device("nucleo-l4r5zi", "flash"));
  EXPECT_EQ(small.emulation.mix, check(deploy::load_device(board.stand_in, "flash")).emulation.mix);
  ASSERT_TRUE(on_board.modelled && on_board.modelled->energy_uj);
  EXPECT_EQ(on_board.modelled->cycles.least, on_stand_in.modelled->cycles.least);
  EXPECT_DOUBLE_EQ(on_board.modelled->milliseconds->least,
                   on_stand_in.modelled->milliseconds->least * 25 / 120);

  deploy::Device little = board;
  little.ram_bytes = on_board.emulation.ram_bytes - 8;
  try {
    check(little);
    FAIL() << "its stack does not fit";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::over_budget) << error.what();
    EXPECT_NE(error.message.find(": 8 bytes too many"), std::string::npos) << error.message;
  }
  deploy::Device other = board;
  other.core = "cortex-m7";
  EXPECT_THROW(check(other), Error);
}

}  // namespace
}  // namespace mote::evaluate

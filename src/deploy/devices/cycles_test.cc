#include "deploy/devices/cycles.h"

#include <gtest/gtest.h>

namespace mote::deploy {
namespace {

using enum InstructionClass;

CycleModel model_of(const InstructionMix& mix, const char* device) {
  const auto model = model_cycles(mix, load_device(device));
  EXPECT_TRUE(model) << device;
  return model.value_or(CycleModel{});
}

TEST(Cycles, OfSequencesFromTheManuals) {
  InstructionMix mix;
  mix[loads] = 1;  // LDM of four words: 1 + 4, on the M4 1 more where its address is new
  mix.load_words = 4;
  EXPECT_EQ(model_of(mix, "microbit").cycles.least, 5);
  EXPECT_EQ(model_of(mix, "microbit").cycles.most, 5);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.least, 5);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.most, 6);
  mix = {};
  mix[loads] = mix[loads_paired] = 1;  // LDR r0, [r1]; LDR r2, [r3]: three cycles on the M4
  mix.load_words = 2;
  EXPECT_EQ(model_of(mix, "microbit").cycles.least, 4);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.least, 3);
  mix = {};
  mix[branches_taken] = 1;  // POP of two registers and the PC: 4 + 3, 3 + 3, and 1 + 3 + P
  mix.load_words = 3;
  EXPECT_EQ(model_of(mix, "microbit").cycles.most, 7);
  EXPECT_EQ(model_of(mix, "mps2-an383").cycles.most, 6);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.least, 5);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.most, 7);
  mix = {};
  mix[divide] = 3;
  mix[float_divide] = 2;
  mix[multiply_long] = 10;
  mix[if_then] = 5;
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.least, 6 + 2 + 10);
  EXPECT_EQ(model_of(mix, "mps2-an386").cycles.most, 36 + 30 + 10 + 5);
}

TEST(Cycles, IntervalsAreIntervals) {
  for (const Device& device : built_in_devices()) {
    if (device.core == "cortex-m55") continue;  // whose manual states no cycles
    for (size_t i = 0; i < std::size(kInstructionClasses); i++) {
      InstructionMix mix;
      mix.count[i] = 100;
      const auto cycles = model_of(mix, device.name.c_str()).cycles;
      EXPECT_LE(cycles.least, cycles.most) << device.name << " " << kInstructionClasses[i];
      EXPECT_GE(cycles.least, 0);
    }
  }
  EXPECT_FALSE(model_cycles({}, load_device("mps3-an547")));
}

TEST(Cycles, TimeAndEnergyAreTheDevices) {
  InstructionMix mix;
  mix[other] = 3'000'000;
  const CycleModel board = model_of(mix, "nucleo-l4r5zi");  // 120 MHz, 355 pJ a cycle
  ASSERT_TRUE(board.milliseconds);
  EXPECT_DOUBLE_EQ(board.milliseconds->least, 25);
  EXPECT_DOUBLE_EQ(board.milliseconds->most, 25);
  ASSERT_TRUE(board.energy_uj);
  EXPECT_DOUBLE_EQ(board.energy_uj->least, 1065);
  EXPECT_FALSE(model_of(mix, "mps2-an386").energy_uj);
  Device other_core = load_device("mps2-an386");
  other_core.core = "cortex-m7";
  EXPECT_FALSE(model_cycles(mix, other_core));
}

}  // namespace
}  // namespace mote::deploy

// Hand-assembled sequences in the emulator, whose instructions anyone can count.
#include "deploy/emulate/counter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/resources.h"
#include "deploy/devices/device.h"
#include "tests/support/emulator.h"

namespace mote::deploy {
namespace {

using enum InstructionClass;
using Expected = std::vector<std::pair<InstructionClass, int64_t>>;

InstructionMix mix_of(const Expected& counts, int64_t load_words = 0, int64_t store_words = 0) {
  InstructionMix mix;
  for (const auto& [kind, count] : counts) mix[kind] = count;
  mix.load_words = load_words;
  mix.store_words = store_words;
  return mix;
}

constexpr const char* kStart = R"(
  .syntax unified
  .thumb
  .text
  .word 0x20002000
  .word reset
  .type reset, %function
  .global _start
_start:
reset:
#ifdef __ARM_FP
  ldr r0, =0xE000ED88
  ldr r1, =0x00F00000
  str r1, [r0]
  dsb
  isb
#endif
  sub sp, #256
  movs r0, #8
  movs r1, #2
)";
constexpr const char* kEnd = R"(
  movs r0, #0x18
  ldr r1, =0x20026
  bkpt 0xAB
  .ltorg
)";
constexpr const char* kBegin = "\n .short 0xBF80\n";
constexpr const char* kStop = "\n .short 0xBF90\n";

class Counter : public ::testing::Test {
 protected:
  void SetUp() override { MOTE_SKIP_WITHOUT_EMULATOR(); }

  // Of a whole program, with sections by the calls that `caller` makes of `functions`.
  static std::vector<InstructionMix> run(const char* device_name, const std::string& program,
                                         const std::string& caller = "reset",
                                         const std::vector<std::string>& functions = {}) {
    const Device device = load_device(device_name);
    const TemporaryDirectory directory;
    write_file(directory.path() + "/x.S", program);
    write_file(directory.path() + "/icnt.so", resource("tools/icnt.so"));
    std::vector<std::string> arguments = {device.compiler, "-nostdlib", "-Wl,-Ttext=0"};
    arguments.insert(arguments.end(), device.compiler_flags.begin(), device.compiler_flags.end());
    arguments.insert(arguments.end(), {"x.S", "-o", "x.elf"});
    const ProcessResult built = run_process(arguments, {directory.path()});
    EXPECT_EQ(built.exit_code, 0) << built.output;
    const auto symbols = elf_functions(read_file(directory.path() + "/x.elf"), "x.elf");
    std::vector<ElfFunction> addresses;
    for (const std::string& function : functions) addresses.push_back(symbols.at(function));
    const ProcessResult result = run_process(
        {device.emulator, "-M", device.emulator_machine, "-display", "none", "-serial", "none",
         "-monitor", "none", "-semihosting-config", "enable=on,target=native", "-kernel", "x.elf",
         "-plugin", counter_argument(directory.path() + "/icnt.so", symbols.at(caller), addresses)},
        {directory.path(), std::chrono::seconds(60)});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return counted_sections(result.output);
  }

  static InstructionMix count(const char* device, const std::string& sequence) {
    const auto sections = run(device, kStart + (kBegin + sequence) + kStop + kEnd);
    EXPECT_EQ(sections.size(), 1u);
    return sections.at(0);
  }
};

TEST_F(Counter, LoadsAndStoresOfTheM4) {
  EXPECT_EQ(count("mps2-an386", R"(
      str r0, [sp]
      str.w r0, [sp, #4]
      strb.w r0, [sp, #1]
      strd r0, r1, [sp, #8]
      push {r0-r3, lr}
      stmdb.w sp!, {r4-r10}
      vpush {s0-s4}
      vstr s0, [sp]
      vstr d0, [sp])"),
            mix_of({{stores, 9}}, 0, 1 + 1 + 1 + 2 + 5 + 7 + 5 + 1 + 2));
  EXPECT_EQ(
      count("mps2-an386", R"(
      ldr r0, [sp]
      ldr.w r0, [sp, #4]
      ldrsb.w r0, [sp, #1]
      ldrsh.w r0, [sp, #2]
      ldrd r2, r3, [sp, #8]
      ldr r4, =0x12345678
      mov r4, sp
      ldrb r5, [r4, #1]
      ldr r5, [r4], #4
      movs r5, #0
      ldrsb r6, [r4, r5]
      ldmia r4!, {r0-r2}
      pop {r0-r3}
      ldmia.w sp!, {r4-r10}
      vpop {s0-s4}
      vldmia r4, {d0-d2}
      vldr s0, [sp]
      vldr d0, [sp])"),
      mix_of({{loads, 12}, {loads_paired, 4}, {other, 2}}, 8 + 2 + 3 + 4 + 7 + 5 + 6 + 1 + 2));
}

TEST_F(Counter, BranchesOfTheM4) {
  EXPECT_EQ(count("mps2-an386", "movs r2, #3\n 1: subs r2, #1\n bne 1b"),
            mix_of({{branches_taken, 2}, {branches_not_taken, 1}, {other, 4}}));
  EXPECT_EQ(count("mps2-an386", R"(
      bl leaf
      bl framed
      cbz r0, done
      cbnz r0, done
      nop
    done:
      ldr r3, =behind
      ldr pc, [sp]
    leaf:
      ldr r3, =behind
      str r3, [sp]
      bx lr
      .ltorg
      .type behind, %function
    behind:
      movs r3, #1
      tbb [pc, r3]
    table:
      .byte 0, (last - table) / 2
    framed:
      push {r4, lr}
      pop {r4, pc}
    last:
      b.w end
      nop
    end:)"),
            mix_of({{branches_taken, 2 + 1 + 1 + 1 + 1 + 1 + 1},  // bl, bx, pop, cbnz, ldr, tbb, b
                    {branches_not_taken, 1},                      // cbz
                    {loads, 2},
                    {stores, 2},
                    {other, 1}},
                   2 + 2 + 1 + 1, 1 + 2));
  // r0 = 8, r1 = 2: what the block skips counts in its class.
  EXPECT_EQ(
      count("mps2-an386", R"(
      cmp r0, r1
      itte gt
      movgt r2, #1
      mulgt r2, r0, r1
      ldrle r2, [sp]
      it lt
      blt nowhere
    nowhere:)"),
      mix_of({{if_then, 2}, {other, 2}, {multiply, 1}, {loads, 1}, {branches_not_taken, 1}}, 1));
}

TEST_F(Counter, ArithmeticOfTheM4) {
  EXPECT_EQ(count("mps2-an386", R"(
      muls r2, r0, r2
      mul r2, r0, r1
      mla r2, r0, r1, r2
      mls r2, r0, r1, r2
      smlabb r2, r0, r1, r2
      smlad r2, r0, r1, r2
      smmul r2, r0, r1
      smull r2, r3, r0, r1
      umull r2, r3, r0, r1
      smlal r2, r3, r0, r1
      smlald r2, r3, r0, r1
      sdiv r2, r0, r1
      udiv r2, r0, r1
      ssat r2, #8, r0
      sxtb16 r2, r0
      pkhbt r2, r0, r1
      clz r2, r0
      add.w r2, r0, r1, lsl #3
      movw r2, #1234
      sbfx r2, r0, #3, #5
      nop)"),
            mix_of({{multiply, 7}, {multiply_long, 4}, {divide, 2}, {other, 8}}));
  EXPECT_EQ(count("mps2-an386", R"(
      vmov s0, r0
      vmov.f32 s1, #1.0
      vcvt.f32.s32 s0, s0
      vmov r2, r3, s0, s1
      vabs.f32 s2, s0
      vcmp.f32 s0, s1
      vmrs APSR_nzcv, fpscr
      vadd.f32 s2, s0, s1
      vsub.f32 s2, s0, s31
      vmul.f32 s2, s0, s1
      vnmul.f32 s3, s0, s1
      vmla.f32 s2, s0, s1
      vmls.f32 s2, s0, s1
      vnmla.f32 s2, s0, s1
      vfma.f32 s2, s0, s1
      vfnms.f32 s3, s0, s1
      vdiv.f32 s2, s0, s1
      vsqrt.f32 s2, s0)"),
            mix_of({{float_other, 7},
                    {float_arithmetic, 4},
                    {float_multiply_accumulate, 5},
                    {float_divide, 2}}));
}

// What the M55 has beyond the M4. LE ends each turn of a loop, and counts in each.
TEST_F(Counter, LoopsAndSelectionsOfTheM55) {
  EXPECT_EQ(count("mps3-an547", R"(
      dls lr, r0
    1:
      nop
      le lr, 1b
      wls lr, r1, 3f
    2:
      nop
      le lr, 2b
    3:
      movs r2, #0
      wls lr, r2, 4f
      nop
    4:)"),
            mix_of({{branches_taken, 7 + 1 + 1},      // le eight and two times, and the last wls
                    {branches_not_taken, 1 + 1 + 1},  // the last turns, and the first wls
                    {other, 1 + 8 + 2 + 1}}));
  EXPECT_EQ(count("mps3-an547", R"(
      csel r2, r0, r1, eq
      cinc r2, r0, ne
      cset r2, ne
      clrm {r2, r3}
      vmov s0, r0
      vmov s1, r1
      vcmp.f32 s0, s1
      vmrs APSR_nzcv, fpscr
      vselgt.f32 s2, s0, s1
      vmaxnm.f32 s2, s0, s31
      vrinta.f32 s2, s0
      vcvta.s32.f32 s2, s0
      vmul.f32 s2, s0, s1
      vfma.f32 s2, s0, s1
      vldr s0, [sp]
      vstr d0, [sp]
      smlad r2, r0, r1, r2)"),
            mix_of({{other, 4},
                    {float_other, 8},
                    {float_arithmetic, 1},
                    {float_multiply_accumulate, 1},
                    {loads, 1},
                    {stores, 1},
                    {multiply, 1}},
                   1, 2));
}

TEST_F(Counter, AllOfTheM0) {
  for (const char* device : {"microbit", "mps2-an383"})
    EXPECT_EQ(count(device, R"(
      push {r0-r3, lr}
      str r0, [sp, #4]
      mov r4, sp
      strh r0, [r4, #2]
      strb r0, [r4, r1]
      stmia r4!, {r0, r1}
      ldr r2, [sp]
      ldrsh r2, [r4, r1]
      subs r4, #8
      ldmia r4!, {r2, r3}
      ldr r5, =behind
      muls r2, r0, r2
      rev r2, r0
      movs r3, #2
    2:
      subs r3, #1
      bne 2b
      bl 3f
      bx r5
    3:
      push {r6, lr}
      pop {r6, pc}
      .ltorg
      .type behind, %function
    behind:
      pop {r0-r3}
      pop {r0}
      mrs r2, PRIMASK)"),
              mix_of({{stores, 6},
                      {loads, 5},
                      {loads_paired, 1},
                      {multiply, 1},
                      {branches_taken, 4},  // bne, bl, pop, bx
                      {branches_not_taken, 1},
                      {other, 7}},
                     1 + 1 + 2 + 1 + 4 + 1 + 2, 5 + 1 + 1 + 1 + 2 + 2))
        << device;
}

// At the end of a page the emulator looks ahead: markers and instructions there are themselves.
TEST_F(Counter, CountsAcrossPages) {
  for (const char* device : {"mps2-an386", "microbit"})
    for (const int at : {0xFFA, 0xFFC, 0xFFE}) {
      SCOPED_TRACE(at);
      const std::string branch = fmt::format(" bl 1f\n .ltorg\n .org {}\n 1:", at);
      const auto sections = run(device, kStart + branch + kBegin + R"(
          bl 2f
          bl 2f
          nop)" + kStop + kEnd + " .ltorg\n 2: bx lr");
      EXPECT_EQ(sections.at(0), mix_of({{branches_taken, 4}, {other, 1}}));
      EXPECT_EQ(run(device, kStart + (kBegin + branch) + " bl 2f\n nop\n nop" + kStop + kEnd +
                                " .ltorg\n 2: bx lr")
                    .at(0),
                mix_of({{branches_taken, 3}, {other, 2}}));
    }
}

// Sections end where a function of the list returns to the caller: not where another does, nor
// where one of the list is called from elsewhere.
TEST_F(Counter, SectionsAreTheCallsOfTheCaller) {
  const std::string program = std::string(kStart) + kBegin + " bl work\n" + kStop + kEnd + R"(
      .type work, %function
    work:
      push {r4, lr}
      movs r0, #1
      bl first
      bl elsewhere
      movs r0, #1
      bl second
      bl first
      pop {r4, pc}
      .size work, . - work
      .type first, %function
    first:
      bx lr
      .type second, %function
    second:
      push {r4, lr}
      bl first
      bl elsewhere
      pop {r4, pc}
      .type elsewhere, %function
    elsewhere:
      nop
      bx lr
)";
  for (const char* device : {"mps2-an386", "microbit"}) {
    SCOPED_TRACE(device);
    const auto sections = run(device, program, "work", {"first", "second"});
    ASSERT_EQ(sections.size(), 4u);
    EXPECT_EQ(sections[0],  // up to the first return of `first`
              mix_of({{branches_taken, 3}, {stores, 1}, {other, 1}}, 0, 2));
    EXPECT_EQ(sections[1],  // elsewhere, and second with all that it calls
              mix_of({{branches_taken, 8}, {stores, 1}, {other, 3}}, 2, 2));
    EXPECT_EQ(sections[2], mix_of({{branches_taken, 2}}));
    EXPECT_EQ(sections[3], mix_of({{branches_taken, 1}}, 2));
    EXPECT_EQ(run(device, program).size(), 1u);
  }
}

TEST(CountedSections, RefusesWhatIsCutOff) {
  const std::string section = "section 1 0 2 3 0 0 0 0 0 0 0 0 0 4 5 6\n";
  const auto sections = counted_sections("noise\nregion 0: 20 instructions\n" + section + section +
                                         "region 1: 10 instructions\n" + section);
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(sections[0], mix_of({{loads, 1}, {stores, 2}, {branches_taken, 3}, {other, 4}}, 5, 6));
  EXPECT_THROW(counted_sections(""), Error);
  EXPECT_THROW(counted_sections("region 0: 10 instructions\n"), Error);
  EXPECT_THROW(counted_sections("region 0: 20 instructions\n" + section), Error);
  EXPECT_THROW(counted_sections("region 0: 10 instructions\nsection 1 0 2 3"), Error);
}

}  // namespace
}  // namespace mote::deploy

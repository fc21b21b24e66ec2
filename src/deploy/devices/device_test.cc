#include "deploy/devices/device.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "deploy/devices/device_file.h"

namespace mote::deploy {
namespace {

const std::string kGood = R"(name = "board"
core = "cortex-m4"
isa = ["dsp"]
flash_origin = 0x0800_0000
flash_bytes = 1024
ram_origin = 0x2000_0000
ram_bytes = 512
compiler = "arm-none-eabi-gcc"
compiler_flags = ["-mcpu=cortex-m4"]
)";

std::string message_of(const std::string& text) {
  try {
    parse_device(text, "board.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "valid";
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Device, BuiltInOnesAreWhatTheyEmulate) {
  const Device m4 = load_device("mps2-an386");
  EXPECT_EQ(m4.core, "cortex-m4");
  EXPECT_EQ(m4.emulator_machine, "mps2-an386");
  EXPECT_EQ(m4.isa, (std::vector<std::string>{"any", "dsp"}));
  const Device m0 = load_device("microbit");
  EXPECT_EQ(m0.flash_bytes, 256 * 1024);
  EXPECT_EQ(m0.ram_bytes, 16 * 1024);
  EXPECT_EQ(m0.isa, std::vector<std::string>{"any"});
  EXPECT_GE(built_in_devices().size(), 2u);
}

TEST(Device, EnergyComesWithItsSource) {
  for (const Device& device : built_in_devices())
    EXPECT_EQ(device.picojoules_per_cycle.has_value(), !device.energy_source.empty());
  const Device board = load_device("nucleo-l4r5zi");
  EXPECT_TRUE(board.emulator.empty());
  const Device stand_in = load_device(board.stand_in);
  EXPECT_EQ(stand_in.core, board.core);
  EXPECT_EQ(stand_in.compiler_flags, board.compiler_flags);
  EXPECT_FALSE(stand_in.emulator.empty());
}

TEST(Device, ExternalMemoryHasANameAndAPlace) {
  const Device board = load_device("mps3-an547");
  EXPECT_EQ(board.core, "cortex-m55");
  EXPECT_EQ(board.external_memory, "DDR4");
  EXPECT_EQ(board.external_origin, 0x6000'0000u);
  EXPECT_EQ(board.external_bytes, int64_t{1} << 31);
  EXPECT_TRUE(load_device("mps2-an386").external_memory.empty());
}

TEST(Device, HostHasNoBudget) {
  const Device host = load_device("host");
  EXPECT_EQ(host.flash_bytes, 0);
  EXPECT_EQ(host.isa.front(), "any");
}

TEST(Device, UnknownNameListsTheKnownOnes) {
  try {
    load_device("mps2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.hint.find("microbit, mps2-an383, mps2-an386, mps3-an547, nucleo-l4r5zi"),
              std::string::npos)
        << error.hint;
  }
  EXPECT_THROW(load_device("no/such/file.toml"), Error);
}

TEST(DeviceFile, ReadsEveryKey) {
  const Device device = parse_device(kGood +
                                         "clock_hz = 80000000\npicojoules_per_cycle = 280\n"
                                         "energy_source = \"a measurement\"\n"
                                         "prefer = \"flash\"\n",
                                     "board.toml");
  EXPECT_EQ(device.flash_origin, 0x0800'0000u);
  EXPECT_EQ(device.ram_bytes, 512);
  EXPECT_EQ(device.isa, (std::vector<std::string>{"any", "dsp"}));
  EXPECT_EQ(device.clock_hz, 80'000'000);
  EXPECT_EQ(device.picojoules_per_cycle, 280.0);
  EXPECT_EQ(device.prefer, Preference::flash);
  EXPECT_TRUE(device.emulator.empty());
}

TEST(Device, MayBeAskedToPreferOtherwise) {
  EXPECT_EQ(load_device("microbit").prefer, Preference::balance);
  EXPECT_EQ(load_device("microbit", "").prefer, Preference::balance);
  EXPECT_EQ(load_device("microbit", "flash").prefer, Preference::flash);
  try {
    load_device("microbit", "beauty");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.hint.find("balance, flash"), std::string::npos) << error.hint;
  }
}

TEST(DeviceFile, ErrorsNameLineKeyAndWhatIsAllowed) {
  EXPECT_EQ(message_of(replaced("ram_bytes = 512", "ram_bytes = \"512\"")),
            "board.toml:7: 'ram_bytes' must be an integer from 1 to 4294967295");
  EXPECT_EQ(message_of(replaced("flash_bytes = 1024", "flash_bytes = -1")),
            "board.toml:5: 'flash_bytes' must be an integer from 1 to 4294967295");
  EXPECT_EQ(message_of(replaced("isa = [\"dsp\"]", "isa = [\"simd\"]")),
            "board.toml:3: unknown isa 'simd' (allowed: any, avx2, avx512, dsp, mve, rv32)");
  EXPECT_EQ(message_of(kGood + "prefer = \"size\"\n"),
            "board.toml:10: unknown prefer 'size' (allowed: balance, flash)");
  EXPECT_EQ(message_of(replaced("core = \"cortex-m4\"", "core = 4")),
            "board.toml:2: 'core' must be a string");
  EXPECT_EQ(message_of(replaced("core = \"cortex-m4\"", "core = \"\"")),
            "board.toml:2: 'core' is empty");
  for (const char* flags : {"\"-mcpu=cortex-m4\"", "[4]"})
    EXPECT_EQ(message_of(replaced("[\"-mcpu=cortex-m4\"]", flags)),
              "board.toml:9: 'compiler_flags' must be a list of strings");
  EXPECT_EQ(message_of(replaced("ram_bytes = 512\n", "")), "board.toml:1: no `ram_bytes`");
  EXPECT_TRUE(message_of(kGood + "ram = 1\n")
                  .starts_with("board.toml:10: unknown key 'ram' (allowed: clock_hz, compiler"));
  EXPECT_TRUE(
      message_of(kGood + "picojoules_per_cycle = 0\nenergy_source = \"x\"\n")
          .starts_with("board.toml:10: 'picojoules_per_cycle' must be a number from 0.001"));
  EXPECT_TRUE(message_of(replaced("0x0800_0000", "0x")).starts_with("board.toml:4: "));
  EXPECT_TRUE(message_of(kGood + "picojoules_per_cycle = 1.5\n").find("go together") !=
              std::string::npos);
  for (const char* keys : {"external_memory = \"DDR\"\n", "external_bytes = 4096\n",
                           "external_memory = \"DDR\"\nexternal_origin = 0\n"})
    EXPECT_NE(message_of(kGood + keys).find("go together"), std::string::npos) << keys;
  EXPECT_TRUE(message_of(kGood + "emulator = \"qemu\"\n").find("go together") != std::string::npos);
  EXPECT_TRUE(message_of(kGood + "emulator = \"q\"\nemulator_machine = \"m\"\nstand_in = \"x\"\n")
                  .find("exclude each other") != std::string::npos);
}

TEST(DeviceFile, DamagedTextsGiveADeviceOrAnError) {
  Random random(1);
  int refused = 0;
  for (int trial = 0; trial < 1000; trial++) {
    std::string text = kGood;
    text[random.below(text.size())] = static_cast<char>(random.next());
    if (trial % 3 == 0) text.resize(random.below(text.size()));
    try {
      parse_device(text, "board.toml");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      EXPECT_TRUE(error.where.starts_with("board.toml")) << error.what();
      refused++;
    }
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace mote::deploy

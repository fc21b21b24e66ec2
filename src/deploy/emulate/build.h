// Builds the two ELF files of a program in a directory. Inside emulate/ only.
#pragma once

#include <string>

#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "deploy/emulate/emulate.h"

namespace mote::deploy {

inline constexpr const char* kHarness = "harness.elf";

class FirmwareBuild {
 public:
  // Writes and compiles the model, its kernels and the start-up code.
  FirmwareBuild(const Program& program, const Device& device, const EmitOptions& options,
                const std::string& directory);

  FirmwareSize link_firmware();  // checks the device's budgets
  void link_harness();           // as kHarness in the directory

 private:
  std::string compile(const std::string& source, const std::vector<std::string>& flags = {},
                      const std::string& suffix = "");
  void link(const std::vector<std::string>& objects, const std::string& elf);
  void run(std::vector<std::string> arguments);

  const Program& program_;
  const Device& device_;
  const std::string directory_;
  std::vector<std::string> objects_;  // what both ELF files share
};

}  // namespace mote::deploy

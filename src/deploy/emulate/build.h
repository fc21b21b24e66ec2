// Builds the two ELF files of a program in a directory. Inside emulate/ only.
#pragma once

#include <string>

#include "base/template.h"
#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "deploy/emulate/elf.h"
#include "deploy/emulate/emulate.h"

namespace mote::deploy {

inline constexpr const char* kHarness = "harness.elf";

class FirmwareBuild {
 public:
  // Writes and compiles the model, its kernels and the start-up code.
  FirmwareBuild(const Program& program, const Device& device, const EmitOptions& options,
                const std::string& directory);

  // Checks the device's budgets. What exceeds flash or RAM goes to external memory, if there is
  // some.
  FirmwareSize link_firmware();
  void link_harness();  // as kHarness in the directory

 private:
  // Decides what goes to external memory: whether anything does.
  bool place_externally(const ElfSizes& sizes);
  std::string compile(const std::string& source, const std::vector<std::string>& flags = {},
                      const std::string& suffix = "");
  void link(const std::vector<std::string>& objects, const std::string& elf);
  void run(std::vector<std::string> arguments);

  const Program& program_;
  const Device& device_;
  const std::string directory_;
  TemplateData placement_;            // of firmware.ld: what lies in external memory
  std::vector<std::string> objects_;  // what both ELF files share
};

}  // namespace mote::deploy

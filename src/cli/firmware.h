// Firmware's figures as verbs print them.
#pragma once

#include <optional>
#include <string>

#include "cli/output.h"
#include "deploy/devices/device.h"
#include "evaluate/firmware.h"

namespace mote::cli {

struct FirmwareFigures {
  deploy::FirmwareSize size;
  std::optional<evaluate::FirmwareCheck> check;  // where it ran
  std::string not_linked;  // why only the sizes of constants and arena are known; empty: all are
};
FirmwareFigures figures_of(const deploy::FirmwareSize& size);
FirmwareFigures figures_of(const evaluate::FirmwareCheck& check);

// What only a run can tell (RAM with its stack, instructions) is null without one, as is what only
// a linker can tell.
Json fields_of(const FirmwareFigures& figures);
std::string text_of(const std::string& directory, const deploy::Device& device,
                    const FirmwareFigures& figures);

}  // namespace mote::cli

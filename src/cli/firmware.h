// Firmware's figures as verbs print them.
#pragma once

#include <string>

#include "cli/output.h"
#include "deploy/devices/device.h"
#include "evaluate/firmware.h"

namespace mote::cli {

// --prefer.
void add_prefer(CLI::App* verb, std::string& prefer);

// By node of the graph: name, operator and, where the firmware ran, instructions.
Json layer_fields(const Graph& graph, const evaluate::FirmwareFigures& figures);
// "102,242,781 to 177,000,000", "4,089.7 to 7,080.0"; "-" where it is not known.
std::string text_of(const deploy::Interval<int64_t>& cycles);
std::string text_of(const std::optional<deploy::Interval<double>>& modelled);

// `inputs` says what ran, where something did: "of glyphs".
std::string text_of(const std::string& directory, const deploy::Device& device,
                    const evaluate::FirmwareFigures& figures, const std::string& inputs);

}  // namespace mote::cli

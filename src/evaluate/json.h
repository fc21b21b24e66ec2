// Figures as JSON: what --json prints and what a study's records hold. Tested by the verbs' tests
// (cli/pipeline_test.cc).
#pragma once

#include <nlohmann/json.hpp>

#include "evaluate/divergence.h"
#include "evaluate/firmware.h"
#include "evaluate/latency.h"
#include "evaluate/metrics.h"

namespace mote::evaluate {

using Json = nlohmann::ordered_json;

// What is not known is null: of a run (RAM with its stack, instructions) without one, of a link
// without a linker, of a cycle model without one.
Json json_of(const FirmwareFigures& figures);
Json json_of(const std::vector<deploy::WeightsFacts>& weights);
Json json_of(const deploy::ConstantBytes& constants);
// What the whole is worth, without the classes.
Json json_of(const Metrics& metrics);
Json json_of(const Latency& latency);
Json json_of(const Divergence& divergence);

}  // namespace mote::evaluate

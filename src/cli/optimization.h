// What optimization did, as verbs print it, and how to do without. Tested by optimize_test.cc.
#pragma once

#include <string>

#include "cli/output.h"
#include "evaluate/optimization.h"

namespace mote::cli {

// --no-optimize.
void add_no_optimize(CLI::App* verb, bool& no_optimize);

// macs, weights, removed_channels, nodes, channels and weight_bytes, and the same before.
Json optimization_fields(const evaluate::Optimization& optimization);

// "1,716 channels, 179,046 weights, 3,762,351 MACs"; "nothing".
std::string removed_text(const evaluate::Optimization& optimization);

}  // namespace mote::cli

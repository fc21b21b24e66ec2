// lower: a Graph becomes a Program for one device. Takes all decisions that remain: kernel variant,
// weight storage, memory plan. Tested by lower_test.cc.
#pragma once

#include "deploy/devices/device.h"
#include "ir/graph.h"
#include "ir/program.h"
#include "runtime/arithmetic/requantize.h"

namespace mote::deploy {

enum class Variants { reference, best };

struct LowerOptions {
  Variants variants = Variants::best;
  mote_rounding rounding = MOTE_ROUNDING_DOUBLE;  // single: host only
  bool keep_all_values = false;  // every value stays until the end, so that traces can read it
};

// Throws Error{unsupported} naming the node for which there is no kernel. What the device lacks is
// no error but figures, Program::flash and Program::ram; check_budgets (budget.h) makes one of
// them.
Program lower(const Graph& graph, const Device& device, const LowerOptions& options = {});

}  // namespace mote::deploy

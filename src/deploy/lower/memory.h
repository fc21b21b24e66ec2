// Where a program's values live: the last step of lowering. Tested by lower_test.cc.
#pragma once

#include "ir/graph.h"
#include "ir/program.h"
#include "ops/lowering.h"

namespace mote::deploy {

// Gives every arena operand of the calls, which name values until now, its place: a port, or a
// buffer of the plan. Outputs take over the memory of inputs that die at the same call where the
// operator allows.
void plan_memory(Program& program, const Graph& graph, const Homes& homes, bool keep_all_values);

}  // namespace mote::deploy

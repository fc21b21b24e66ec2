// "Did you mean": the nearest of some names. Tested by cli_test.cc.
#pragma once

#include <string>
#include <vector>

namespace mote::cli {

// The name with the fewest letters inserted, removed, replaced or swapped with their neighbour;
// empty where none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& names);

}  // namespace mote::cli

// The whole zoo at a size that tests can afford: narrow networks for images of 16x16x3. Half of
// pico is that; less would leave it two channels, none of which random weights may wake.
#pragma once

#include <string>
#include <vector>

#include "zoo/zoo.h"

namespace mote::testing {

inline std::vector<std::string> small_zoo() {
  std::vector<std::string> names;
  for (const zoo::Entry& entry : zoo::entries())
    names.push_back("zoo:" + entry.name + (entry.name == "pico" ? "?width=0.5" : "?width=0.15") +
                    "&input=16x16x3&classes=10");
  return names;
}

}  // namespace mote::testing

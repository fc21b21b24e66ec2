// The whole zoo at a size that tests can afford: narrow networks for images of 16x16x3.
#pragma once

#include <string>
#include <vector>

#include "zoo/zoo.h"

namespace mote::testing {

inline std::vector<std::string> small_zoo() {
  std::vector<std::string> names;
  for (const zoo::Entry& entry : zoo::entries())
    names.push_back("zoo:" + entry.name + "?width=0.15&input=16x16x3&classes=10");
  return names;
}

}  // namespace mote::testing

// Names that are taken, and new ones beside them. Tested by names_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace mote {

class Names {
 public:
  // `wanted` where it is new, else the first of wanted_1, wanted_2, ... that is; taken from now on.
  // Takes constant time: of names that all want to be the same, too.
  std::string add(const std::string& wanted);
  void clear() { next_.clear(); }

 private:
  std::unordered_map<std::string, int64_t> next_;  // of each name that is taken: the number to try
};

}  // namespace mote

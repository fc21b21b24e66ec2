// C names for what the user named freely. Tested by emit_test.cc.
#pragma once

#include <set>
#include <string>

namespace mote::deploy {

bool is_c_identifier(const std::string& name);

// Gives out each name once; one that is taken gets a number behind it.
class UniqueNames {
 public:
  explicit UniqueNames(std::set<std::string> taken) : taken_(std::move(taken)) {}
  std::string unique(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

}  // namespace mote::deploy

// C names for what the user named freely. Tested by names_test.cc.
#pragma once

#include <map>
#include <set>
#include <string>

namespace mote::deploy {

// A C identifier that resembles `text`: lower case, 1 to 48 characters, no leading digit, no two
// underscores in a row. What is cut off counts in a digest at the end.
std::string c_identifier(const std::string& text);

// Gives out each name once; one that is taken gets a number behind it.
class UniqueNames {
 public:
  std::string unique(const std::string& wanted);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> next_;  // number, of a name that was wanted before
};

}  // namespace mote::deploy

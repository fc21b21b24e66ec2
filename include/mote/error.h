// The one exception of Mote. Everything else of the library throws it or lets it pass; nothing
// prints or exits.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace mote {

// What went wrong, by who can mend it; each kind is one exit code of the program
// (docs/architecture.md).
enum class ErrorKind {
  internal = 1,       // our bug
  usage = 2,          // the command line, an option or an argument
  invalid_input = 3,  // a file, a model or a data set is damaged or contradicts itself
  unsupported = 4,    // valid, but beyond what Mote does
  over_budget = 5,    // does not fit the device
  some_failed = 6,    // some tasks of a study failed
};

class Error : public std::runtime_error {
 public:
  // `message` says what is wrong, `where` the file and the node as the user knows them, `hint` what
  // to do about it; the last two may be empty. what() is all three in one line.
  Error(ErrorKind kind, std::string message, std::string where = {}, std::string hint = {})
      : std::runtime_error(format(message, where, hint)),
        kind(kind),
        message(std::move(message)),
        where(std::move(where)),
        hint(std::move(hint)) {}

  // The same error, told from further out: `place` goes before what `where` says already.
  Error at(const std::string& place) const {
    return Error(kind, message, where.empty() ? place : place + ": " + where, hint);
  }

  ErrorKind kind;
  std::string message;
  std::string where;
  std::string hint;

 private:
  static std::string format(const std::string& message, const std::string& where,
                            const std::string& hint) {
    return (where.empty() ? "" : where + ": ") + message + (hint.empty() ? "" : " (" + hint + ")");
  }
};

}  // namespace mote

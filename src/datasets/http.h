// One HTTP request that brings a file, or the rest of it. Tested by download_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/descriptor.h"

namespace mote::datasets {

// The part of a file that is there, and what is to become of it.
struct PartialFile {
  const Descriptor& file;  // at its end
  std::string path;
  int64_t bytes = 0;      // there now
  int64_t whole = 0;      // when it is done
  std::string validator;  // ETag or date of the version that `bytes` are of; empty: not known

  void restart();  // from nothing
};

enum class Answer {
  whole,       // all bytes are there
  try_again,   // cut off, stalled, a server in trouble: another request may bring more
  hopeless,    // this address does not have it
  other_file,  // this address has something else
};

struct Response {
  Answer answer = Answer::whole;
  std::string why;               // where not whole, in words
  bool in_one_piece = false;     // everything that `part` has now came by this request
  std::chrono::seconds wait{0};  // that the server asks for before the next request
};

// Asks for what `part` lacks (Range, with If-Range where the version is known) and appends it. A
// server that sends the whole file is given way to. `progress` hears after every piece. Throws
// Error{usage} where the file cannot be written.
Response request_rest(const std::string& url, PartialFile& part, std::chrono::seconds stall,
                      const std::function<void()>& progress);

}  // namespace mote::datasets

// One file over HTTP, by libcurl, from servers and lines that fail: what came is kept and gone on
// from, and the file gets its name only with the right size and digest.
// Tested by download_test.cc against a server that stalls, cuts and lies.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mote::datasets {

struct DownloadRequest {
  std::vector<std::string> urls;  // http or https, in the order to be tried
  std::string path;               // until it is whole, it is called PATH.part
  int64_t bytes = 0;
  std::string sha256;
};

struct Patience {
  int32_t attempts = 5;                   // in a row at one address that brought nothing new
  std::chrono::milliseconds delay{1000};  // before the second, doubled before each further one
  std::chrono::seconds stall{30};         // without a byte: given up and tried again
};

// Bytes that are there by now, and what it waits for, if for anything.
using DownloadProgress = std::function<void(int64_t bytes, const std::string& note)>;

// Goes on from a PATH.part that is there. The caller sees to it that no other does so at the same
// time. Throws Error{invalid_input}, naming what was expected and what came, where an address has
// another file, and Error{usage} where none is reached, or the file cannot be written (what came
// stays, to go on from).
void download(const DownloadRequest& request, const Patience& patience,
              const DownloadProgress& progress);

}  // namespace mote::datasets

#include "study/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <thread>

namespace mote::study {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name") && line.find(": ") != line.npos)
      return line.substr(line.find(": ") + 2);
  return "unknown";
}

}  // namespace

compress::Json machine() {
  utsname system{};
  ::uname(&system);
  return {{"cpu", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"system", std::string(system.sysname) + " " + system.release + " " + system.machine}};
}

}  // namespace mote::study

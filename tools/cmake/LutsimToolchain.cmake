# C++17 because Debian's libsystemc exports only its C++17 API symbol.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

option(LUTSIM_SANITIZE "Build with the address and undefined-behaviour sanitizers" OFF)

# Bit-exact arithmetic is defined operation by operation: a fused multiply-add would change results.
add_compile_options(-ffp-contract=off)

if(LUTSIM_SANITIZE)
  # -O1 -g1: half the time of -O2 -g to compile, and a report still names the line.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer -O1 -g1)
  # The checks that the sanitizers insert hide from GCC 12 that a std::optional or std::variant of
  # libstdc++ is set before it is read: with -Werror the false warning ends the build.
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

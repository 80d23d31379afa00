// tarn: one program, the server and its commands.

#include "tarn/commands.h"

int main(int argument_count, char** arguments) {
  return tarn::app::run_command_line(argument_count, arguments);
}

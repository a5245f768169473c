/* The program's beginning: standard descriptors that are there, and then the command line. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "incant/cli.h"

/*
 * A program that is started with one of descriptors 0 to 2 closed would get it for the next file it opens,
 * and then print into an archive. So they are filled, the wrong way round: using one still fails.
 */
static int
fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	if (fill_descriptors() != 0)
		return 1;
	return cli_run(argc, argv);
}

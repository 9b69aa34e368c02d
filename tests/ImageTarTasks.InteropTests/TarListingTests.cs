using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

[TestClass]
public sealed class TarListingTests
{
    [TestMethod, RequiresRoot, RequiresProgram("bsdtar"), RequiresProgram("setcap")]
    public void The_judge_of_trees_reads_the_same_from_GNU_tar_and_bsdtar()
    {
        using var folder = new TestFolder();
        var name = new string('n', 130);
        Programs.Shell(
            $"""
            mkdir -p d/{name}; echo one >d/one; ln d/one d/{name}/same; ln -s ../one d/link; mkfifo fifo; mknod null c 1 3; mknod loop b 7 0
            echo cap >cap; chown 3000000:4000000 cap; setcap cap_net_raw+ep cap; chmod 4755 d/one; chmod 1777 d
            touch -h -d @86400 d/link; touch -d @-86400 fifo
            """,
            Path.GetDirectoryName(folder["tree/x"])
        );
        Programs.Run("bsdtar", "--format=pax", "--numeric-owner", "-C", folder["tree"], "-cf", folder["bsd.tar"], ".");
        var lines = TarListing.OfFolder(folder["tree"], folder["gnu.tar"]).Lines(capabilitiesOnly: true);

        TarListing.AssertSame(lines, TarListing.OfFile(folder["bsd.tar"]).Lines(capabilitiesOnly: true), "bsdtar");
        Assert.HasCount(9, lines);
        var owned = lines.Single(line => line.StartsWith("cap\t", StringComparison.Ordinal));
        StringAssert.StartsWith(owned, "cap\tf\t644\t3000000\t4000000\t4\t", owned);
        StringAssert.EndsWith(owned, "\tsecurity.capability=0100000200200000000000000000000000000000", owned);
        Assert.Contains($"d/{name}/same\tf\t4755\t0\t0\t4\t", string.Join('\n', lines));
        Assert.HasCount(2, lines.Where(line => line.Contains($"\td/{name}/same\t", StringComparison.Ordinal)));
        Assert.Contains("fifo\tp\t644\t0\t0\t0\t-86400\t-\t-\t-\t", lines);
        Assert.Contains("null\tc\t644\t0\t0\t1:3\t", string.Join('\n', lines));
    }
}

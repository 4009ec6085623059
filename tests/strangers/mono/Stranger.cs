// The SOAP client of the .NET Framework as Mono has it, through the class that `wsdl` makes of the WSDL. Prints a line for
// every step, in the words that tests/live/clients/report.rs expects.
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Web.Services.Protocols;
using System.Xml;

public static class Stranger
{
    static string Setting(string name) { return Environment.GetEnvironmentVariable(name); }

    static string Content(string name) { return File.ReadAllText(Setting(name)); }

    static void Say(string word, params object[] values)
    {
        Console.WriteLine(word + ": " + string.Join(" ", values.Select(value => value is bool ? value.ToString().ToLower() : value)));
    }

    // The fault that a call must end in: the element in its detail.
    static XmlNode Caught(Action call)
    {
        try { call(); }
        catch (SoapException fault) { return fault.Detail.FirstChild; }
        throw new Exception("a fault was expected");
    }

    static string Part(XmlNode node, string name) { return node.SelectSingleNode(name).InnerText; }

    static GrmsService Connect()
    {
        var grms = new GrmsService { Url = Setting("GRMS_ENDPOINT") };
        grms.ClientCertificates.Add(new X509Certificate2("user.p12", "secret"));
        return grms;
    }

    static JobStatus Ended(GrmsService grms, string job)
    {
        JobInfo[] waited;
        grms.waitForJobs(new[] { job }, null, WaitMode.ALL, true, 0, false, 60, out waited);
        return waited[0].status;
    }

    public static void Main()
    {
        string authority = new X509Certificate2(Setting("GRMS_CA")).Thumbprint;
        ServicePointManager.ServerCertificateValidationCallback = (sender, certificate, chain, errors) =>
            chain.ChainElements[chain.ChainElements.Count - 1].Certificate.Thumbprint == authority;
        var type = Type.GetType("Mono.Runtime");
        var display = type.GetMethod("GetDisplayName", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static);
        Say("version", ((string)display.Invoke(null, null)).Split(' ')[0]);

        var grms = Connect();
        JobStatus status;
        string job = grms.submitJob(Content("GRMS_JOB"), null, Guid.NewGuid().ToString(), false, false, null, out status);
        Say("submitted", job, status);
        Say("ended", Ended(grms, job));
        var info = grms.getJobInfo(job);
        Say("info", info.jobId, info.appId, info.exitCode, info.historyLength, info.exitCodeSpecified && info.finishTime >= info.submissionTime);
        Say("history", grms.getJobHistory(job, null).SelectMany(attempt => new object[] { attempt.number, attempt.outcome }).ToArray());
        string cursor = null;
        var page = grms.getJobsList(new[] { JobStatus.FINISHED, JobStatus.RUNNING }, null, DateTime.UtcNow, false, 100, true, ref cursor);
        Say("listed", page.Contains(job));

        var fault = Caught(() => grms.getJobInfo("no-such-job"));
        Say("unknown", fault.LocalName, Part(fault, "code"), Part(fault, "name"), Part(fault, "retryable"), Part(fault, "jobId"));
        Say("message", Part(fault, "message"));
        fault = Caught(() => grms.submitJob(Content("GRMS_BAD_JOB"), null, null, false, false, null, out status));
        Say("refused", fault.LocalName, Part(fault, "code"), Part(fault, "name"), Part(fault, "retryable"));
        foreach (XmlNode found in fault.SelectNodes("diagnostic"))
        {
            Say("diagnostic", new[] { "severity", "code", "line", "column", "path" }.Select(name => Part(found, name)).ToArray<object>());
        }

        ItemResult[] results;
        var items = new[] { "GRMS_JOB", "GRMS_BAD_JOB" }.Select(name => new SubmitItem { jobDefinition = Content(name) });
        int failed = grms.submitJobs(items.ToArray(), false, false, out results);
        var bad = results[1];
        Say("bulk", failed, results[0].errorCode, bad.index, bad.errorCode, bad.errorName, Ended(grms, results[0].jobId));

        var newer = Connect();
        newer.SoapVersion = SoapProtocolVersion.Soap12;
        fault = Caught(() => newer.getJobInfo("no-such-job"));
        Say("soap12", newer.getJobInfo(job).status, fault.LocalName, Part(fault, "code"));
    }
}

let l=location,b=document.body,c=/childId=([^&]+)/.exec(l),f=(e,o,h=b.offsetHeight)=>parent.postMessage(c?["pym",c[1],"height",h].join("xPYMx"):{sentinel:"amp",type:"embed-size",height:h,message:"height",value:h,secret:l.hash.slice(9)},"*")
top!=self&&f(new ResizeObserver(onmessage=f).observe(b))
